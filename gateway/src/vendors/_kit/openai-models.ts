import type { ChatTrait } from "../../dialects/openai-chat/traits.ts";

/** A model's behaviour in chat completions; efforts are `effort:<word>`, one per word that the model knows. */
export type Traits = readonly (ChatTrait | `effort:${string}`)[];

/** Traits of models by name, the first that fits; what several have in common is repeated, so that each line can be read alone. */
export type ModelTraits = readonly (readonly [RegExp, Traits])[];

/**
 * OpenAI's models in chat completions. `web_search_options` belongs to the search models; reasoning models refuse sampling, o3 and o4-mini also `stop`
 * (types of the `openai` SDK: ChatCompletionCreateParams). Efforts: the SDK's comment at `reasoning_effort` and the model pages; for the generations after 5.2 from memory.
 */
const MODELS: ModelTraits = [
  [/-search/, ["no-sampling", "no-n"]],
  [/^o1-(mini|preview)/, ["no-web-search", "no-sampling", "no-reasoning-effort", "no-developer-role"]],
  [/^(o3|o4-mini)(-|$)(?!mini)/, ["no-web-search", "no-sampling", "no-stop", "effort:low", "effort:medium", "effort:high"]],
  [/^o\d/, ["no-web-search", "no-sampling", "effort:low", "effort:medium", "effort:high"]],
  [/^gpt-5[^/]*-chat/, ["no-web-search"]],
  [/^gpt-5(\.\d+)?-pro/, ["no-web-search", "no-sampling", "effort:high"]],
  [/^gpt-5(-(mini|nano))?(-\d|$)/, ["no-web-search", "no-sampling", "effort:minimal", "effort:low", "effort:medium", "effort:high"]],
  [/^(gpt-5(\.1)?-codex-max)/, ["no-web-search", "no-sampling", "effort:low", "effort:medium", "effort:high", "effort:xhigh"]],
  [/^(gpt-5-codex|codex-)/, ["no-web-search", "no-sampling", "effort:low", "effort:medium", "effort:high"]],
  [/^gpt-5\.1/, ["no-web-search", "no-sampling", "effort:none", "effort:low", "effort:medium", "effort:high"]],
  [/^gpt-([5-9]|\d\d)/, ["no-web-search", "no-sampling", "effort:none", "effort:low", "effort:medium", "effort:high", "effort:xhigh"]],
];
const ORDINARY: ReadonlySet<string> = new Set(["no-web-search"]);

/** Names remembered per vendor; operators map a few hundred models at most. */
const KNOWN_MODELS_MAX = 1_000;

/** Makes the function of an adapter out of traits that hold for all its models and such that hold for some. Sets are made once per line. */
export function traitsOf(always: Traits, models: ModelTraits): (upstreamModel: string) => ReadonlySet<string> {
  const common: ReadonlySet<string> = new Set(always);
  const sets = models.map(([pattern, traits]) => ({ pattern, traits: new Set<string>([...always, ...traits]) }));
  // Asked for every request: a name is looked up once.
  const known = new Map<string, ReadonlySet<string>>();
  return (upstreamModel) => {
    let traits = known.get(upstreamModel);
    if (!traits) {
      traits = sets.find(({ pattern }) => pattern.test(upstreamModel))?.traits ?? common;
      if (known.size >= KNOWN_MODELS_MAX) known.clear();
      known.set(upstreamModel, traits);
    }
    return traits;
  };
}

const ofModel = traitsOf([], MODELS);

/** Traits of one of OpenAI's own models, wherever it is served. A name of no family of OpenAI's is taken for an ordinary model. */
export function openaiModelTraits(upstreamModel: string): ReadonlySet<string> {
  const traits = ofModel(upstreamModel);
  return traits.size > 0 ? traits : ORDINARY;
}

/**
 * OpenAI's reasoning models. Chat completions refuses them function tools ("Function tools with reasoning_effort are not supported for gpt-5.5 in /v1/chat/completions.
 * Please use /v1/responses instead") and shows and takes back no reasoning; Responses does all of it.
 */
const REASONING = /^(o\d|gpt-([5-9]|\d\d)|codex-)(?!.*-chat)/;

/** What conversations of other dialects are translated to for one of OpenAI's models (`VendorAdapter.translated`). */
export const openaiTranslated = (upstreamModel: string): "openai-responses" | "openai-chat" => (REASONING.test(upstreamModel) ? "openai-responses" : "openai-chat");
