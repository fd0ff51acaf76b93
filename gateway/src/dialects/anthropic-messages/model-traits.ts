import type { RequestTarget } from "../canonical/codec.ts";
import type { Effort } from "../canonical/request.ts";

/**
 * What a model of this dialect takes. Claude models are told apart by the version in their name (SDK notes on `thinking`, `temperature`, `top_k`, `top_p`; vendor's pages on
 * structured outputs and mid-conversation system messages); other names are other vendors' models behind this dialect, and taken for the oldest wire. A trait of the
 * target wins over the name: `<trait>` says yes, `no-<trait>` says no.
 */
export interface ModelTraits {
  /** `thinking: {type: "adaptive"}` and `output_config.effort` */
  adaptive: boolean;
  /** `thinking: {type: "enabled", budget_tokens}` */
  budget: boolean;
  /** `temperature`, `top_p`, `top_k` */
  sampling: boolean;
  /** both `temperature` and `top_p` in one request */
  bothSampling: boolean;
  /** messages of role "system" within `messages` */
  systemMessages: boolean;
  /** `output_config.format` */
  jsonSchema: boolean;
  /** `strict` on tools */
  strictTools: boolean;
  /** words of `output_config.effort` */
  efforts: readonly Effort[];
}

/** Versions from which a Claude model takes something, as major * 100 + minor. */
const SINCE = { jsonSchema: 401, adaptive: 406, allEfforts: 407, systemMessages: 408 };
/** The first version without sampling parameters, without thinking budgets. */
const UNTIL = { sampling: 407, budget: 407, bothSampling: 401 };
/** A Claude name without a version that can be read is a new one. */
const NEWEST = 9_900;

/** Version of a Claude model out of its name: `claude-opus-4-6`, `claude-sonnet-4-20250514`, `claude-3-5-haiku-latest`, `anthropic.claude-...`. Undefined for other models. */
export function claudeVersion(model: string): number | undefined {
  if (!/(^|[^a-z])claude/i.test(model)) return undefined;
  const found = /claude-(?:[a-z]+-)?(\d{1,2})(?:[-.@](\d{1,2}))?(?![\d])/i.exec(model);
  return found ? Number(found[1]) * 100 + Number(found[2] ?? 0) : NEWEST;
}

/** What the target takes. */
export function modelTraits(target: RequestTarget): ModelTraits {
  const version = claudeVersion(target.model);
  const claude = version !== undefined;
  const told = (trait: string, byName: boolean): boolean => (target.traits.has(trait) ? true : target.traits.has(`no-${trait}`) ? false : byName);
  const since = (from: number): boolean => claude && version >= from;
  const adaptive = told("adaptive-thinking", since(SINCE.adaptive));
  return {
    adaptive,
    budget: told("budget-thinking", !since(UNTIL.budget)),
    sampling: told("sampling", !since(UNTIL.sampling)),
    bothSampling: told("both-sampling", !since(UNTIL.bothSampling)),
    systemMessages: told("system-messages", since(SINCE.systemMessages)),
    jsonSchema: told("json-schema", since(SINCE.jsonSchema)),
    strictTools: told("strict", since(SINCE.jsonSchema)),
    efforts: told("xhigh-effort", since(SINCE.allEfforts)) ? ["low", "medium", "high", "xhigh", "max"] : ["low", "medium", "high"],
  };
}
