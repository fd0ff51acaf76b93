import { expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

/** "Absurd counts" in every dialect, to a vendor of another: refused in the dialect's own shape, with the limit where it is one, and nothing is charged; a limit beyond the model's is its limit. */
const gateway = await testGateway();
const caller = await gateway.newCaller("10");
const other = await gateway.newCaller("10");

const MESSAGES = [{ role: "user", content: "hi" }];
const CONTENTS = [{ role: "user", parts: [{ text: "hi" }] }];
const chat = (member: string, value: number): [string, object] => ["/v1/chat/completions", { model: "claude-sonnet-4-5", messages: MESSAGES, [member]: value }];
const responses = (member: string, value: number): [string, object] => ["/v1/responses", { model: "claude-sonnet-4-5", input: "hi", [member]: value }];
const anthropic = (member: string, value: number): [string, object] => ["/v1/messages", { model: "gpt-4.1-mini", messages: MESSAGES, max_tokens: 10, [member]: value }];
const gemini = (member: string, value: number): [string, object] => ["/v1beta/models/gpt-4.1-mini:generateContent", { contents: CONTENTS, generationConfig: { [member]: value } }];
const completions = (member: string, value: number): [string, object] => ["/v1/completions", { model: "claude-sonnet-4-5", prompt: "hi", [member]: value }];

/** What a count may be at most where it has no limit of its own. */
const MOST = "2147483647";
const CASES: [name: string, (member: string, value: number) => [string, object], member: string, value: number, told: string][] = [
  ["chat", chat, "n", 1e9, '"n" may be 128 at most, and is 1000000000.'],
  ["chat", chat, "max_tokens", 1e30, `"max_tokens" may be ${MOST} at most, and is 1e+30.`],
  ["chat", chat, "max_tokens", 1e15, `"max_tokens" may be ${MOST} at most`],
  ["Responses", responses, "max_output_tokens", 1e15, `"max_output_tokens" may be ${MOST} at most`],
  ["Gemini", gemini, "maxOutputTokens", 1e15, `"generationConfig.maxOutputTokens" may be ${MOST} at most`],
  ["chat", chat, "max_completion_tokens", 1e30, `"max_completion_tokens" may be ${MOST} at most`],
  ["chat", chat, "top_logprobs", 1e9, "from 0 to 20"],
  ["Responses", responses, "max_output_tokens", 1e30, `"max_output_tokens" may be ${MOST} at most`],
  ["Responses", responses, "max_tool_calls", -1, '"max_tool_calls" must be a whole number of at least 1'],
  ["Responses", responses, "max_tool_calls", 1e30, `"max_tool_calls" may be ${MOST} at most`],
  ["Responses", responses, "top_logprobs", 1e9, "from 0 to 20"],
  ["Anthropic", anthropic, "max_tokens", 1e30, `"max_tokens" may be ${MOST} at most`],
  ["Anthropic", anthropic, "top_k", 1e9, "between 0 and 1000000"],
  ["Gemini", gemini, "candidateCount", 1e9, '"candidateCount" may be 128 at most, and is 1000000000.'],
  ["Gemini", gemini, "maxOutputTokens", 1e30, `"generationConfig.maxOutputTokens" may be ${MOST} at most`],
  ["Gemini", gemini, "topK", 1e30, "from 0 to 2147483647"],
  ["Gemini", gemini, "topK", -1, "from 0 to 2147483647"],
  ["Gemini", gemini, "topK", 1.5, "from 0 to 2147483647"],
  ["Gemini", gemini, "logprobs", 1e9, "from 0 to 20"],
  ["completions", completions, "n", 1e9, '"n" may be 128 at most, and is 1000000000.'],
  ["completions", completions, "best_of", 1e9, '"best_of" may be 128 at most, and is 1000000000.'],
  ["completions", completions, "max_tokens", 1e30, `"max_tokens" may be ${MOST} at most`],
  ["embeddings", (member, value) => ["/v1/embeddings", { model: "gemini-embedding-001", input: "hi", [member]: value }], "dimensions", 1e30, `from 1 to`],
  ["images", (member, value) => ["/v1/images/generations", { model: "gpt-image-1", prompt: "hi", [member]: value }], "n", 1e9, '"n" may be 128 at most, and is 1000000000.'],
];

test.each(CASES.map(([name, make, ...rest]) => [name, ...rest, make] as const))("%s: %s = %p: %s", async (_name, member, value, told, make) => {
  const [path, body] = make(member, value);
  const response = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: JSON.stringify(body) });
  const { error } = (await response.json()) as { error: { message: string } };
  expect([response.status, error.message]).toEqual([400, expect.stringContaining(told)]);
});

/** Counts that could be, but not of this model: it gets what it can give, and the caller is told. */
const LARGE: [path: string, body: object, named: string][] = [
  ...["claude-sonnet-4-5", "gemini-2.5-flash"].flatMap((model): [string, object, string][] => [
    ["/v1/chat/completions", { model, messages: MESSAGES, max_tokens: 99_999_999 }, "max_tokens"],
    ["/v1/chat/completions", { model, messages: MESSAGES, max_completion_tokens: 99_999_999 }, "max_completion_tokens"],
    ["/v1/responses", { model, input: "hi", max_output_tokens: 99_999_999 }, "max_output_tokens"],
    ["/v1/completions", { model, prompt: "hi", max_tokens: 99_999_999 }, "max_tokens"],
  ]),
  ["/v1/chat/completions", { model: "mistral-large-2512", messages: MESSAGES, max_completion_tokens: 99_999_999 }, "max_completion_tokens"],
  ...["gpt-4.1-mini", "gpt-5", "gemini-2.5-flash"].map((model): [string, object, string] => ["/v1/messages", { model, messages: MESSAGES, max_tokens: 99_999_999 }, "max_tokens"]),
  ...["gpt-4.1-mini", "claude-sonnet-4-5"].map((model): [string, object, string] => [`/v1beta/models/${model}:generateContent`, { contents: CONTENTS, generationConfig: { maxOutputTokens: 99_999_999 } }, "generationConfig.maxOutputTokens"]),
];

test.each(LARGE)("S18: %s %j: %s is named, and refused in strict mode", async (path, body, named) => {
  const ask = (more: object): Promise<Response> =>
    fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${other.apiKey}`, "content-type": "application/json", ...more }, body: JSON.stringify(body) });
  const answer = await ask({});
  expect([answer.status, answer.headers.get("x-yescale-dropped")]).toEqual([200, named]);
  const refused = await ask({ "x-yescale-strict": "1" });
  const { error } = (await refused.json()) as { error: { message: string } };
  expect([refused.status, error.message]).toEqual([400, expect.stringContaining(`"${named}"`)]);
});

test("nothing was charged", async () => {
  for (const row of await gateway.rows(caller.userId, 0)) expect(row.charge_nano).toBe("0");
  expect(await gateway.checkMoney()).toMatchObject({ wrongBalances: [], wrongCharges: [] });
});
