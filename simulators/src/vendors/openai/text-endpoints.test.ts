import { afterAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { nearness } from "../../kit/vectors.ts";
import { startSandbox } from "../../server.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const client = new OpenAI({ apiKey: "sk-test-key-1", baseURL: `${sandbox.url}/openai/v1`, maxRetries: 0 });
const refusal = async (call: Promise<unknown>): Promise<unknown> => call.then(() => undefined, (error: unknown) => error);

describe("embeddings", () => {
  test("length 1, the same in every run, near where words are shared, shorter on wish", async () => {
    const { data } = await client.embeddings.create({ model: "text-embedding-3-large", input: ["red apples and pears", "green apples and pears", "the parliament voted"] });
    const [first, second, third] = data.map((item) => Array.from(item.embedding)) as [number[], number[], number[]];
    expect(first).toHaveLength(3072);
    for (const vector of [first, second, third]) expect(nearness(vector, vector)).toBeCloseTo(1, 4);
    expect(nearness(first, second)).toBeGreaterThan(nearness(first, third) + 0.2);
    const short = (await client.embeddings.create({ model: "text-embedding-3-large", input: "red apples and pears", dimensions: 100 })).data[0]?.embedding ?? [];
    expect(nearness(Array.from(short), Array.from(short))).toBeCloseTo(1, 4);
    // The beginning of the longer one, brought to length 1.
    const size = Math.sqrt(nearness(first.slice(0, 100), first.slice(0, 100)));
    expect(short[7]).toBeCloseTo((first[7] ?? 0) / size, 4);
  });

  test("token ids count as themselves; refusals in the API's words", async () => {
    expect((await client.embeddings.create({ model: "text-embedding-3-small", input: [[1, 2], [3]] })).usage.prompt_tokens).toBe(3);
    expect(await refusal(client.embeddings.create({ model: "text-embedding-3-small", input: [] }))).toMatchObject({ status: 400 });
    expect(await refusal(client.embeddings.create({ model: "text-embedding-3-small", input: "a", dimensions: 5_000 }))).toMatchObject({ status: 400, param: "dimensions" });
    expect(await refusal(client.embeddings.create({ model: "gpt-4o", input: "a" }))).toMatchObject({ status: 403 });
    expect(await refusal(client.embeddings.create({ model: "text-embedding-unknown", input: "a" }))).toMatchObject({ status: 404, code: "model_not_found" });
  });
});

test("completions: whole and stream agree, echo, several prompts, chat models refused", async () => {
  const request = { model: "gpt-3.5-turbo-instruct", prompt: ["count to 3", "count to 2"], max_tokens: 40, echo: true };
  const whole = await client.completions.create(request);
  const texts = ["", ""];
  let usage: OpenAI.CompletionUsage | undefined;
  for await (const chunk of await client.completions.create({ ...request, stream: true, stream_options: { include_usage: true } })) {
    for (const choice of chunk.choices) texts[choice.index] += choice.text;
    usage = chunk.usage ?? usage;
  }
  expect(texts).toEqual(whole.choices.map((choice) => choice.text));
  expect(texts[0]).toBe("count to 31, 2, 3");
  expect(usage).toEqual(whole.usage);
  expect((await client.completions.create({ model: "gpt-3.5-turbo-instruct", prompt: "write 50 words" })).choices[0]?.finish_reason).toBe("length");
  expect(await refusal(client.completions.create({ model: "gpt-4o", prompt: "a" }))).toMatchObject({ status: 404, param: "model" });
  expect(await refusal(client.chat.completions.create({ model: "gpt-3.5-turbo-instruct", messages: [{ role: "user", content: "a" }] }))).toMatchObject({ status: 404, param: "model" });
});

test("moderations: every category, flagged by a word, no usage", async () => {
  const { results, model } = await client.moderations.create({ input: ["I hate rain", "I love rain"] });
  expect(model).toBe("omni-moderation-latest");
  expect(results.map((result) => [result.flagged, result.categories.hate, Object.keys(result.category_scores).length])).toEqual([[true, true, 13], [false, false, 13]]);
  expect(await refusal(client.moderations.create({ model: "text-moderation-stable", input: "a" }))).toMatchObject({ status: 404 });
});
