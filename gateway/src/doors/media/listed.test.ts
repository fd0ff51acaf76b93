import { expect, test } from "bun:test";
import { loadCatalog } from "../../catalog/shipped.ts";
import { testGateway } from "../../testing/gateway.ts";

/** Models that are made as tasks, where clients look for models. */
const gateway = await testGateway();
const caller = await gateway.newCaller("10");

/** Any answer: the tests look into it, and fail where it is another. */
// eslint-disable-next-line typescript/no-explicit-any -- as above
type Json = Record<string, any>;
const get = async (path: string, key: string, headers: Record<string, string> = {}): Promise<Json> => (await fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${key}`, ...headers } })).json() as Promise<Json>;

const media = loadCatalog().models().filter(({ kind, retiredAt, compiled }) => kind !== undefined && compiled !== undefined && (retiredAt === undefined || Date.parse(retiredAt) > Date.now()));

test("every media model stands in OpenAI's list, the system's and the price list, with its kind and a price of a call", async () => {
  const [listed, system, prices] = [(await get("/v1/models", caller.apiKey))["data"] as Json[], (await get("/yescale/models", caller.accessKey))["data"] as Json[], (await get("/api/pricing", caller.accessKey))["data"] as Json[]];
  for (const { id, kind, vendor } of media) {
    expect(listed.find((one) => one["id"] === id), id).toMatchObject({ object: "model", owned_by: vendor });
    expect(system.find((one) => one["model_name"] === id), id).toMatchObject({ endpoint: "/task/submit", is_deprecation: 0, uptime: 1 });
    expect(prices.find((one) => one["model_name"] === id), id).toMatchObject({ supported_endpoint_types: [kind], quota_type: 1 });
  }
  expect(media.length).toBeGreaterThan(100);
  const price = (id: string): unknown[] => [system.find((one) => one["model_name"] === id)?.["price_per_request"], prices.find((one) => one["model_name"] === id)?.["model_price"]];
  expect(price("grok-video")).toEqual([0.14, 0.14]);
  expect(price("nano-banana-2")).toEqual([0.06, 0.06]);
  expect(price("wan2.6-t2v")).toEqual([0.75, 0.75]);
  expect(price("suno_music")).toEqual([0.04, 0.04]);
  expect(price("fal-minimax-speech-02-hd")).toEqual([null, 0]);
});

test("one model by its name or alias; a key that may use others sees none of them", async () => {
  expect(await get("/v1/models/veo-3.1", caller.apiKey)).toMatchObject({ id: "veo3.1", object: "model" });
  const narrow = await gateway.newCaller("10", { models: ["suno_music"] });
  expect(((await get("/v1/models", narrow.apiKey))["data"] as Json[]).map(({ id }) => id)).toEqual(["suno_music"]);
});

test("clients of Anthropic and Google are not offered them: they take every name for a model of conversation", async () => {
  const anthropic = await get("/v1/models?limit=1000", caller.apiKey, { "anthropic-version": "2023-06-01", "x-api-key": caller.apiKey });
  const google = await get("/v1beta/models", caller.apiKey, { "x-goog-api-key": caller.apiKey });
  for (const names of [(anthropic["data"] as Json[]).map(({ id }) => String(id)), (google["models"] as Json[]).map(({ name }) => String(name).slice("models/".length))]) {
    expect(names.length).toBeGreaterThan(10);
    expect(media.filter(({ id }) => names.includes(id))).toEqual([]);
  }
});
