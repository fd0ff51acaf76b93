import { objectOf } from "../canonical/fields.ts";
import { readOpenAIUsage } from "../canonical/openai-usage.ts";
import type { CanonicalResponse, Choice } from "../canonical/response.ts";
import { defined, listIn, numberIn, textIn } from "../canonical/wire-fields.ts";
import { readFinish } from "./finish.ts";
import { readLogprobs } from "./logprobs.ts";

type Json = Record<string, unknown>;

/** A vendor's completion (SDK type Completion). */
export function decodeResponse(body: Json): CanonicalResponse {
  const report = readOpenAIUsage(body["usage"]);
  return defined<CanonicalResponse>({
    id: textIn(body["id"]) ?? "",
    model: textIn(body["model"]) ?? "",
    created: numberIn(body["created"]),
    choices: listIn(body["choices"]).map((item, index) => choiceOf(objectOf(item), index)),
    usage: report?.usage,
    anomaly: report?.anomaly,
    serviceTier: undefined,
  });
}

function choiceOf(choice: Json, index: number): Choice {
  const logprobs = readLogprobs(choice["logprobs"]);
  return {
    index: numberIn(choice["index"]) ?? index,
    parts: [{ type: "text", text: textIn(choice["text"]) ?? "" }],
    finish: readFinish(textIn(choice["finish_reason"]) ?? "stop"),
    ...(logprobs.length > 0 ? { logprobs } : {}),
  };
}
