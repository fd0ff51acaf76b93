/** The response object (openai SDK: Response), at its start and at its end. */
import type { Reply } from "../../../kit/brain.ts";
import { asObject, type JsonObject } from "../../../kit/json.ts";
import type { AnswerItem } from "./items.ts";

/** Everything that the whole answer, its stream and later questions for it are made from. */
export interface ResponseAnswer {
  id: string;
  /** Unix seconds */
  created: number;
  body: JsonObject;
  reply: Reply;
  items: AnswerItem[];
  /** `undefined` when a fault hides it */
  usage: JsonObject | undefined;
  /** the conversation's items up to and without this answer */
  input: JsonObject[];
}

/** Takes an answer; gives the response as it stands before anything is produced. */
export function startOf({ id, created, body }: ResponseAnswer): JsonObject {
  const wish = asObject(body["reasoning"]);
  return {
    id,
    object: "response",
    created_at: created,
    status: "in_progress",
    background: body["background"] === true,
    completed_at: null,
    error: null,
    incomplete_details: null,
    instructions: body["instructions"] ?? null,
    max_output_tokens: body["max_output_tokens"] ?? null,
    model: body["model"],
    output: [],
    parallel_tool_calls: body["parallel_tool_calls"] ?? true,
    previous_response_id: body["previous_response_id"] ?? null,
    prompt_cache_key: body["prompt_cache_key"] ?? null,
    reasoning: { effort: wish["effort"] ?? null, summary: wish["summary"] ?? null },
    safety_identifier: body["safety_identifier"] ?? null,
    service_tier: "default",
    store: body["store"] ?? true,
    temperature: body["temperature"] ?? 1,
    text: { format: { type: "text" }, verbosity: "medium", ...asObject(body["text"]) },
    tool_choice: body["tool_choice"] ?? "auto",
    tools: body["tools"] ?? [],
    top_logprobs: body["top_logprobs"] ?? 0,
    top_p: body["top_p"] ?? 1,
    truncation: body["truncation"] ?? "disabled",
    usage: null,
    user: body["user"] ?? null,
    metadata: body["metadata"] ?? {},
  };
}

/** Takes an answer; gives the finished response. */
export function endOf(answer: ResponseAnswer): JsonObject {
  const cut = answer.reply.ending === "length";
  return {
    ...startOf(answer),
    status: cut ? "incomplete" : "completed",
    completed_at: cut ? null : answer.created + 1,
    incomplete_details: cut ? { reason: "max_output_tokens" } : null,
    output: answer.items.map(({ item }) => item),
    usage: answer.usage ?? null,
  };
}
