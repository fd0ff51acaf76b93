import { GatewayError } from "../../errors/gateway-error.ts";
import { limitChoices } from "../canonical/fields.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { defined, fault, flagAt, listAt, missing, numberAt, objectAt, required, textAt, wholeAt } from "../canonical/wire-fields.ts";

type Json = Record<string, unknown>;

/** As many as chat completions of the family take. */
const STOPS_MAX = 64;
/** SDK, CompletionCreateParamsBase.logprobs. */
const LOGPROBS_MAX = 5;
const LOGIT_BIAS_MAX = 2_048;

/** Members that are read below. */
const READ = new Set([
  "model", "prompt", "max_tokens", "temperature", "top_p", "n", "stream", "stream_options", "logprobs", "stop", "presence_penalty", "frequency_penalty", "logit_bias", "seed", "user",
]);
/** The caller's names of features that we call otherwise. */
const FIELDS: [keyof CanonicalRequest, string][] = [
  ["maxOutputTokens", "max_tokens"], ["topP", "top_p"], ["choices", "n"], ["presencePenalty", "presence_penalty"], ["frequencyPenalty", "frequency_penalty"], ["logitBias", "logit_bias"],
];

/**
 * A completion request (SDK type CompletionCreateParams) as a conversation of one message. `echo`, `suffix` and `best_of` have no place in a conversation: they go
 * into `own`, so that every other dialect reports them. A missing `max_tokens` stays missing: the 16 tokens of OpenAI's own default would cut off an answer in chat.
 */
export function decodeRequest(body: Json, address: { model?: string; stream?: boolean }): CanonicalRequest {
  const choices = wholeAt(body["n"], "n", 1, Number.MAX_SAFE_INTEGER);
  const top = wholeAt(body["logprobs"], "logprobs", 0, LOGPROBS_MAX);
  const model = textAt(body["model"], "model") ?? address.model;
  if (!model) throw new GatewayError("missingModel", { param: "model" });
  const request = defined<CanonicalRequest>({
    model,
    stream: flagAt(body["stream"], "stream") ?? address.stream ?? false,
    messages: [{ role: "user", parts: [{ type: "text", text: promptOf(body["prompt"]) }] }],
    tools: undefined,
    toolChoice: undefined,
    parallelToolCalls: undefined,
    format: undefined,
    reasoning: undefined,
    maxOutputTokens: wholeAt(body["max_tokens"], "max_tokens", 1, Number.MAX_SAFE_INTEGER),
    temperature: numberAt(body["temperature"], "temperature", 0, 2),
    topP: numberAt(body["top_p"], "top_p", 0, 1),
    topK: undefined,
    minP: undefined,
    presencePenalty: numberAt(body["presence_penalty"], "presence_penalty", -2, 2),
    frequencyPenalty: numberAt(body["frequency_penalty"], "frequency_penalty", -2, 2),
    seed: wholeAt(body["seed"], "seed", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    stop: stopAt(body["stop"]),
    choices: choices === undefined ? undefined : limitChoices(choices, "n"),
    logprobs: top === undefined ? undefined : { top },
    logitBias: biasAt(body["logit_bias"]),
    modalities: undefined,
    audio: undefined,
    image: undefined,
    verbosity: undefined,
    user: textAt(body["user"], "user"),
    metadata: undefined,
    serviceTier: undefined,
    promptCacheKey: undefined,
    store: undefined,
    includeUsage: flagAt(objectAt(body["stream_options"], "stream_options")?.["include_usage"], "stream_options.include_usage"),
    own: undefined,
    fields: undefined,
  });
  const values = ownValues(body, choices ?? 1);
  if (Object.keys(values).length > 0) request.own = { dialect: "openai-completions", values };
  const fields = Object.fromEntries(FIELDS.filter(([feature]) => request[feature] !== undefined));
  if (Object.keys(fields).length > 0) request.fields = fields;
  return request;
}

/** One text; a list of one is the same. Several prompts are several conversations, and token ids mean something to one vendor's tokenizer only. */
function promptOf(value: unknown): string {
  const list = Array.isArray(value) ? (value as unknown[]) : [required(missing(value) ? undefined : value, "prompt")];
  if (list.some((item) => typeof item === "number" || Array.isArray(item))) throw fault("prompt", '"prompt" holds token ids, which this model cannot be given: send text.');
  if (list.length !== 1) throw fault("prompt", list.length === 0 ? '"prompt" is empty.' : '"prompt" may hold one text for this model: send the others as requests of their own.');
  const [prompt] = list;
  if (typeof prompt !== "string") throw fault("prompt", '"prompt" must be a text.');
  if (prompt === "") throw fault("prompt", '"prompt" is empty.');
  return prompt;
}

/** What only this dialect knows, without what asks for nothing. */
function ownValues(body: Json, choices: number): Json {
  const values = Object.fromEntries(Object.entries(body).filter(([name, value]) => !READ.has(name) && !missing(value)));
  if (!flagAt(values["echo"], "echo")) delete values["echo"];
  if (!textAt(values["suffix"], "suffix")) delete values["suffix"];
  const best = wholeAt(values["best_of"], "best_of", 1, Number.MAX_SAFE_INTEGER);
  if (best !== undefined && best < choices) throw fault("best_of", '"best_of" must not be less than "n".');
  if (best === choices) delete values["best_of"];
  return values;
}

function stopAt(value: unknown): string[] | undefined {
  if (typeof value === "string") return [value];
  return listAt(value, "stop", STOPS_MAX)?.map((item, index) => required(textAt(item, `stop[${index}]`), `stop[${index}]`));
}

function biasAt(value: unknown): Record<string, number> | undefined {
  const entries = Object.entries(objectAt(value, "logit_bias") ?? {});
  if (entries.length > LOGIT_BIAS_MAX) throw fault("logit_bias", `"logit_bias" may have ${LOGIT_BIAS_MAX} entries at most.`);
  const at = (token: string): string => `logit_bias.${token.slice(0, 40)}`;
  return missing(value) ? undefined : Object.fromEntries(entries.map(([token, weight]) => [token, required(numberAt(weight, at(token), -100, 100), at(token))]));
}
