import type { RequestTarget } from "../canonical/codec.ts";
import type { Effort } from "../canonical/request.ts";

/** What one of Bedrock's models takes; told by its name, which begins with a region (`us.`, `eu.`, `global.`) or not. From the vendors' pages and from memory. */
export interface ConverseModel {
  claude: boolean;
  /** how thinking is asked for; undefined: by nothing */
  thinking: "claude-budget" | "claude-adaptive" | "nova" | "effort" | undefined;
  /** words of the effort */
  efforts: readonly Effort[];
  sampling: boolean;
  /** both temperature and topP in one request */
  bothSampling: boolean;
  cachePoints: boolean;
  hourCache: boolean;
  jsonSchema: boolean;
  strictTools: boolean;
  /** takes a choice of tools beyond "auto" */
  forcedTools: boolean;
  stop: boolean;
}

/** Claude versions as major * 100 + minor, from which something holds. */
const SINCE = { newRules: 401, hourCache: 405, adaptive: 406, noSampling: 407 };

function claudeVersion(model: string): number | undefined {
  if (!model.includes("anthropic.claude")) return undefined;
  const found = /claude-(?:[a-z]+-)?(\d{1,2})(?:-(\d{1,2}))?(?!\d)/.exec(model);
  return found ? Number(found[1]) * 100 + Number(found[2] ?? 0) : SINCE.noSampling;
}

/** What the target takes. */
export function converseModel(target: RequestTarget): ConverseModel {
  const { model } = target;
  const version = claudeVersion(model);
  const claude = version !== undefined;
  const since = (from: number): boolean => claude && version >= from;
  const nova2 = /amazon\.nova-2/.test(model);
  const openai = /openai\.gpt/.test(model);
  return {
    claude,
    thinking: since(SINCE.adaptive) ? "claude-adaptive" : claude ? "claude-budget" : nova2 ? "nova" : openai ? "effort" : undefined,
    efforts: since(SINCE.noSampling) ? ["low", "medium", "high", "xhigh", "max"] : ["low", "medium", "high"],
    sampling: !since(SINCE.noSampling),
    bothSampling: !since(SINCE.newRules),
    cachePoints: claude || /amazon\.nova/.test(model),
    hourCache: since(SINCE.hourCache),
    jsonSchema: since(SINCE.newRules),
    strictTools: since(SINCE.newRules),
    forcedTools: claude || /nova|mistral|openai|cohere/.test(model),
    stop: !openai,
  };
}
