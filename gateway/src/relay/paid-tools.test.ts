import { afterAll, expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

/** What OpenAI bills beside the tokens of a response. Constructed: items and `tool_usage` as the SDK's types and answers quoted in public issues (sub2api#4644) have them. */
const USAGE = { input_tokens: 50, input_tokens_details: { cached_tokens: 0 }, output_tokens: 20, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 70 };
const MESSAGE = { id: "msg_1", type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: "done", annotations: [] }] };
let output: object[] = [];
let more: object = {};
const responseOf = (): object => ({ id: "resp_1", object: "response", created_at: 1, status: "completed", model: "gpt-5-nano", output: [...output, MESSAGE], parallel_tool_calls: true, tools: [], tool_choice: "auto", error: null, incomplete_details: null, usage: USAGE, ...more });
const event = (data: { type: string }): string => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
function streamed(): Response {
  const items = [...output, MESSAGE].map((item, place) => event({ type: "response.output_item.done", output_index: place, item } as never));
  return new Response(items.join("") + event({ type: "response.completed", response: responseOf() } as never), { headers: { "content-type": "text/event-stream" } });
}
const vendor = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: async (request) => ((await request.text()).includes('"stream":true') ? streamed() : Response.json(responseOf())) });
afterAll(() => vendor.stop(true));
const gateway = await testGateway((config) => {
  config.channels.push({ name: "paid", vendor: "openai", baseUrl: `${vendor.url.origin}/v1`, credentials: ["sk-paid-tools"], modelMapping: {}, priority: 10, weight: 1, timeouts: {}, enabled: true });
});

/** What a call is charged beside its own tokens: units and nano-dollars by class. */
async function charged(tools: object[], stream: boolean, usd = "10"): Promise<Record<string, [units: number, nano: number]>> {
  const who = await gateway.newCaller(usd);
  const response = await fetch(`${gateway.url}/v1/responses`, { method: "POST", headers: { authorization: `Bearer ${who.apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ model: "gpt-5-nano", input: "x", store: false, stream, tools }) });
  await response.text();
  const [row] = await gateway.rows(who.userId);
  if (response.status !== 200) return { status: [response.status, Number(row?.charge_nano)] };
  const lines = (row?.lines ?? []) as unknown as { class: string; units: number; amountNano: number; unpriced?: true }[];
  expect(lines.reduce((sum, line) => sum + line.amountNano, 0)).toBe(Number(row?.charge_nano));
  expect(lines.some((line) => line.unpriced)).toBe(false);
  return Object.fromEntries(lines.slice(2).map((line) => [line.class, [line.units, line.amountNano]]));
}

test.each([false, true])("searches in files and containers cost what OpenAI's pricing page says, stream: %p", async (stream) => {
  more = {};
  output = [1, 2, 3].map((n) => ({ id: `fs_${n}`, type: "file_search_call", status: "completed", queries: ["a"], results: null }));
  expect(await charged([{ type: "file_search", vector_store_ids: ["vs_1"] }], stream)).toEqual({ fileSearch: [3, 7_500_000] });
  const ran = (id: string, container: string): object => ({ id, type: "code_interpreter_call", status: "completed", code: "1", container_id: container, outputs: null });
  output = [ran("ci_1", "cntr_1"), ran("ci_2", "cntr_1")];
  expect(await charged([{ type: "code_interpreter", container: { type: "auto" } }], stream)).toEqual({ codeContainer: [1, 30_000_000] });
  more = { tools: [{ type: "code_interpreter", container: { type: "auto", memory_limit: "4g" } }] };
  expect(await charged([{ type: "code_interpreter", container: { type: "auto", memory_limit: "4g" } }], stream)).toEqual({ codeContainer: [4, 120_000_000] });
});

test.each([false, true])("a picture costs what it costs at the model that drew it, and is held before, stream: %p", async (stream) => {
  output = [{ id: "ig_1", type: "image_generation_call", status: "completed", result: "AAAA" }];
  const drawn = { image_gen: { input_tokens: 40, input_tokens_details: { image_tokens: 10, text_tokens: 30 }, output_tokens: 4_160, total_tokens: 4_200 } };
  more = { tools: [{ type: "image_generation" }], tool_usage: drawn };
  expect(await charged([{ type: "image_generation" }], stream)).toEqual({ input: [30, 150_000], inputImage: [10, 100_000], outputImage: [4_160, 166_400_000] });
  more = { tools: [{ type: "image_generation", model: "gpt-image-1-mini" }], tool_usage: drawn };
  expect((await charged([{ type: "image_generation", model: "gpt-image-1-mini" }], stream))["outputImage"]).toEqual([4_160, 33_280_000]);
  expect(await charged([{ type: "image_generation" }], stream, "0.01")).toEqual({ status: [402, 0] });
});
