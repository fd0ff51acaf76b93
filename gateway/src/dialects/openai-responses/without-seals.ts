import { objectOf, parseJson } from "../canonical/fields.ts";

/** Items that may lose their id: it would refer to the thinking that is taken out beside them. */
const NAMED: ReadonlySet<unknown> = new Set(["message", "function_call", "custom_tool_call"]);

/** Whether OpenAI refuses the request for thinking of earlier turns that another organisation sealed (openai/codex#13724). */
export const refusesSeals = (status: number, answer: Buffer): boolean => status === 400 && answer.includes('"invalid_encrypted_content"');

/** A request without the sealed thinking of earlier turns; undefined where it holds none. What a compaction sealed is the conversation itself and stays. */
export function withoutSeals(body: Buffer): Buffer | undefined {
  const request = objectOf(parseJson(body.toString("utf8")));
  const { input } = request;
  if (!Array.isArray(input)) return undefined;
  const items = input.map(objectOf);
  const kept = items.filter((item) => item["type"] !== "reasoning" || typeof item["encrypted_content"] !== "string");
  if (kept.length === items.length) return undefined;
  const bare = kept.map((item) => {
    if (!NAMED.has(item["type"] ?? "message")) return item;
    const { id: _id, ...rest } = item;
    return rest;
  });
  return Buffer.from(JSON.stringify({ ...request, input: bare }));
}
