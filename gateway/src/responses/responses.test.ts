import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { testGateway } from "../testing/gateway.ts";

/** State of `/v1/responses` through the official SDK, for every vendor's models (the sandbox plays them). */
const gateway = await testGateway();
const clientOf = (apiKey: string): OpenAI => new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
const caller = await gateway.newCaller("10");
const client = clientOf(caller.apiKey);

type Request = Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, "stream">;
const ask = (request: Request, stream: boolean, by = client): Promise<OpenAI.Responses.Response> => (stream ? by.responses.stream(request).finalResponse() : by.responses.create(request));
const failure = (asked: Promise<unknown>): Promise<unknown> => asked.then(() => undefined, (error: unknown) => error);
/** What the last request to a vendor said. */
const sent = (): Record<string, unknown> => JSON.parse(Buffer.from(gateway.seen().at(-1)?.body.base64 ?? "", "base64").toString()) as Record<string, unknown>;

const MODELS = ["gpt-4.1-mini", "gpt-5-mini", "claude-sonnet-4-5", "gemini-2.5-flash"];
const WEATHER: OpenAI.Responses.Tool = { type: "function", name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] }, strict: false };

describe.each(MODELS)("%s", (model) => {
  test.each([false, true])("S28: an answer is kept, found, gone on from, listed and deleted; stream: %p", async (stream) => {
    const first = await ask({ model, input: "My name is Zanzibar. Count to 3.", instructions: "Speak like a pirate." }, stream);
    expect(first).toMatchObject({ status: "completed", store: true, previous_response_id: null });
    const found = await client.responses.retrieve(first.id);
    expect(found.output_text).toBe(first.output_text);
    expect({ ...found, output_text: "" }).toEqual(JSON.parse(JSON.stringify({ ...first, output_text: "", output_parsed: undefined, output: found.output })) as typeof found);

    const second = await ask({ model, input: "Count to 4.", previous_response_id: first.id }, stream);
    expect(second).toMatchObject({ status: "completed", store: true, previous_response_id: first.id });
    expect(second.instructions).toBeNull();
    const told = JSON.stringify(sent());
    expect(told).toContain("Zanzibar");
    expect(told).toContain(JSON.stringify(first.output_text).slice(1, -1));
    expect(told).not.toContain("pirate");
    expect(told).not.toContain(first.id);

    const third = await ask({ model, input: [{ role: "user", content: "Count to 5." }], previous_response_id: second.id, store: false }, stream);
    expect(third).toMatchObject({ store: false, previous_response_id: second.id });
    expect(JSON.stringify(sent())).toContain("Zanzibar");
    expect(await failure(client.responses.retrieve(third.id))).toMatchObject({ status: 404 });

    const items = [];
    for await (const item of client.responses.inputItems.list(second.id, { order: "asc", limit: 2 })) items.push(item);
    expect(items[0]).toMatchObject({ type: "message", role: "user", content: [{ type: "input_text", text: "My name is Zanzibar. Count to 3." }] });
    expect(items.at(-1)).toMatchObject({ type: "message", role: "user", content: [{ type: "input_text", text: "Count to 4." }] });
    expect(new Set(items.map((item) => item.id)).size).toBe(items.length);
    const newest = await client.responses.inputItems.list(second.id);
    expect(newest.data[0]).toEqual(items.at(-1) as (typeof newest.data)[number]);

    await client.responses.delete(first.id);
    expect(await failure(client.responses.retrieve(first.id))).toMatchObject({ status: 404 });
    expect(await failure(client.responses.delete(first.id))).toMatchObject({ status: 404 });
    // What came after it stands by itself.
    expect((await ask({ model, input: "Count to 2.", previous_response_id: second.id }, stream)).status).toBe("completed");
  });

  test.each([false, true])("a tool's output finds the call it belongs to, stream: %p", async (stream) => {
    const first = await ask({ model, input: "What is the weather in Paris? Use the get_weather tool.", tools: [WEATHER] }, stream);
    const call = first.output.find((item) => item.type === "function_call");
    const output = [{ type: "function_call_output" as const, call_id: call?.call_id ?? "", output: "18 degrees" }];
    const second = await ask({ model, input: output, tools: [WEATHER], previous_response_id: first.id }, stream);
    expect(second.status).toBe("completed");
    expect(JSON.stringify(sent())).toContain("18 degrees");
  });

  test("items are put in the place of what refers to them", async () => {
    const first = await ask({ model, input: "Say: Quetzalcoatl" }, false);
    const message = first.output.find((item) => item.type === "message");
    const asked = (await client.responses.inputItems.list(first.id)).data[0];
    await ask({ model, input: [{ type: "item_reference", id: asked?.id ?? "" }, { id: message?.id ?? "" }, { role: "user", content: "And now?" }] }, false);
    const told = JSON.stringify(sent());
    expect(told).toContain("Say: Quetzalcoatl");
    expect(told).toContain(JSON.stringify(first.output_text).slice(1, -1));
    expect(told).not.toContain("item_reference");
    expect(await failure(ask({ model, input: [{ type: "item_reference", id: "msg_none" }] }, false))).toMatchObject({ status: 404, param: "input" });
  });
});

describe("what the vendor is told", () => {
  test("OpenAI stores nothing, and seals what its model thinks, so that another account can go on", async () => {
    const first = await ask({ model: "gpt-5-mini", input: "Think about 7.", reasoning: { effort: "high" } }, false);
    expect(sent()).toMatchObject({ store: false, include: ["reasoning.encrypted_content"] });
    await ask({ model: "gpt-5-mini", input: "Go on.", previous_response_id: first.id }, false);
    const input = sent()["input"] as { type: string }[];
    expect(input.find((item) => item.type === "reasoning")).toMatchObject({ encrypted_content: expect.any(String) as string });
  });

  test("thinking goes on to the vendor that sealed it, and to no other", async () => {
    const first = await ask({ model: "claude-sonnet-4-5", input: "Think about 7.", reasoning: { effort: "high" } }, false);
    expect(first.output.some((item) => item.type === "reasoning")).toBe(true);
    await ask({ model: "claude-sonnet-4-5", input: "Go on.", previous_response_id: first.id, reasoning: { effort: "high" } }, false);
    expect(JSON.stringify(sent())).toContain('"signature"');
    for (const model of ["gpt-5-mini", "gemini-2.5-flash"]) {
      expect((await ask({ model, input: "Go on.", previous_response_id: first.id }, false)).status).toBe("completed");
      expect(JSON.stringify(sent())).not.toContain("encrypted_content\":\"");
    }
  });

  test.each([false, true])("promise 2: what says store: false and refers to nothing passes byte for byte, stream: %p", async (stream) => {
    gateway.sandbox.reset();
    const body = JSON.stringify({ model: "gpt-4.1-mini", input: [{ role: "user", content: "count to 7: é 漢", id: "msg_own" }], store: false, stream, unknown_field: { a: 1 } }, null, 1);
    const response = await fetch(`${gateway.url}/v1/responses`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body });
    const received = Buffer.from(await response.arrayBuffer()).toString();
    const [seen] = gateway.seen();
    expect(Buffer.from(seen?.body.base64 ?? "", "base64").toString()).toBe(body);
    expect(received).toBe(Buffer.from(seen?.answer.base64 ?? "", "base64").toString());
  });

  test.each([false, true])("what is stored changes by `store` alone in the answer, stream: %p", async (stream) => {
    gateway.sandbox.reset();
    const body = JSON.stringify({ model: "gpt-4.1-mini", input: "count to 7: é 漢", stream });
    const response = await fetch(`${gateway.url}/v1/responses`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json", "accept-encoding": "gzip" }, body });
    const received = Buffer.from(await response.arrayBuffer()).toString();
    const [seen] = gateway.seen();
    expect(Buffer.from(seen?.body.base64 ?? "", "base64").toString()).toBe(body.replace("{", '{"store":false,'));
    const answer = Buffer.from(seen?.answer.base64 ?? "", "base64").toString();
    expect(answer).toContain('"store":false');
    expect(received).toBe(answer.replaceAll('"store":false', '"store":true'));
  });
});

describe("whose it is", () => {
  test("V09: another user's response does not exist; another key of the same user finds it", async () => {
    const mine = await ask({ model: "claude-sonnet-4-5", input: "a secret" }, false);
    const other = await gateway.newCaller("10");
    const theirs = clientOf(other.apiKey);
    expect(await failure(theirs.responses.retrieve(mine.id))).toMatchObject({ status: 404 });
    expect(await failure(theirs.responses.delete(mine.id))).toMatchObject({ status: 404 });
    expect(await failure(theirs.responses.inputItems.list(mine.id))).toMatchObject({ status: 404 });
    expect(await failure(ask({ model: "gpt-4.1-mini", input: "hi", previous_response_id: mine.id }, false, theirs))).toMatchObject({ status: 400, code: "previous_response_not_found" });
    const message = mine.output[0]?.id ?? "";
    expect(await failure(ask({ model: "gpt-4.1-mini", input: [{ type: "item_reference", id: message }] }, false, theirs))).toMatchObject({ status: 404 });
    expect((await client.responses.retrieve(mine.id)).id).toBe(mine.id);
    const { db } = gateway;
    await db.updateTable("api_keys").set({ user_id: caller.userId }).where("id", "=", other.keyId).execute();
    for (let i = 0; i < 200 && (await failure(theirs.responses.retrieve(mine.id))) !== undefined; i += 1) await Bun.sleep(10);
    expect((await theirs.responses.retrieve(mine.id)).id).toBe(mine.id);
  });

  test("V34: what was said is sealed in the database, and opens in its own row only", async () => {
    const first = await ask({ model: "gpt-4.1-mini", input: "Say: Mnemosyne" }, false);
    const other = await ask({ model: "gpt-4.1-mini", input: "Say: Lethe" }, false);
    const rows = async () => gateway.db.selectFrom("stored_responses").selectAll().where("id", "in", [first.id, other.id]).execute();
    for (let i = 0; i < 200 && (await rows()).length < 2; i += 1) await Bun.sleep(10);
    const row = (await rows()).find(({ id }) => id === first.id);
    expect(row).toMatchObject({ user_id: caller.userId, key_id: caller.keyId, model: "gpt-4.1-mini" });
    expect(row?.sealed.includes("Mnemosyne")).toBe(false);
    expect(Math.round(((row?.expires_at.getTime() ?? 0) - (row?.created_at.getTime() ?? 0)) / 86_400_000)).toBe(30);
    await gateway.db.updateTable("stored_responses").set({ sealed: row?.sealed ?? Buffer.alloc(0) }).where("id", "=", other.id).execute();
    expect(await failure(client.responses.retrieve(other.id))).toMatchObject({ status: 404 });
  });

  test("what is over its time does not exist", async () => {
    const first = await ask({ model: "gpt-4.1-mini", input: "hi" }, false);
    for (let i = 0; i < 200; i += 1) {
      const { numUpdatedRows } = await gateway.db.updateTable("stored_responses").set({ expires_at: new Date(Date.now() - 1) }).where("id", "=", first.id).executeTakeFirstOrThrow();
      if (numUpdatedRows > 0n) break;
      await Bun.sleep(10);
    }
    expect(await failure(client.responses.retrieve(first.id))).toMatchObject({ status: 404 });
    expect(await failure(ask({ model: "gpt-4.1-mini", input: "hi", previous_response_id: first.id }, false))).toMatchObject({ status: 400 });
  });
});

describe("bad input", () => {
  const wrong = (members: object): Promise<unknown> => failure(ask({ model: "claude-sonnet-4-5", input: "hi", ...members } as Request, false));

  test.each([
    ["an unknown response", { previous_response_id: "resp_none" }, { status: 400, code: "previous_response_not_found", param: "previous_response_id" }],
    ["an empty id", { previous_response_id: "" }, { status: 400, param: "previous_response_id" }],
    ["a long id", { previous_response_id: "x".repeat(5_000) }, { status: 400, param: "previous_response_id" }],
    ["a number as id", { previous_response_id: 7 }, { status: 400, param: "previous_response_id" }],
    ["store as a text", { store: "yes" }, { status: 400, param: "store" }],
    ["a conversation", { conversation: "conv_1" }, { status: 400, param: "conversation" }],
    ["the background", { background: true }, { status: 400, param: "background" }],
    ["input of a wrong type", { input: 7 }, { status: 400, param: "input" }],
  ])("%s is refused, and nothing is charged", async (_name, members, expected) => {
    const before = gateway.seen().length;
    expect(await wrong(members)).toMatchObject(expected);
    expect(gateway.seen().length).toBe(before);
  });

  test("null means: not said", async () => {
    expect(await ask({ model: "claude-sonnet-4-5", input: "hi", previous_response_id: null, store: null, background: null, conversation: null }, false)).toMatchObject({ store: true });
  });

  test("stored responses: methods, pages, streams and what is not served", async () => {
    const first = await ask({ model: "gpt-4.1-mini", input: "hi" }, false);
    const at = async (method: string, path: string) => {
      const response = await fetch(`${gateway.url}/v1/responses/${path}`, { method, headers: { authorization: `Bearer ${caller.apiKey}` } });
      return { status: response.status, allow: response.headers.get("allow"), body: (await response.json()) as { error?: { message: string; code: string } } };
    };
    expect(await at("PUT", first.id)).toMatchObject({ status: 405, allow: "GET, DELETE" });
    expect(await at("POST", "compact")).toMatchObject({ status: 501, body: { error: { code: "not_implemented" } } });
    expect(await at("POST", `${first.id}/cancel`)).toMatchObject({ status: 400 });
    expect(await at("GET", `${first.id}?stream=true`)).toMatchObject({ status: 400 });
    for (const query of ["limit=0", "limit=101", "limit=x", "order=up", "after=none"]) expect(await at("GET", `${first.id}/input_items?${query}`)).toMatchObject({ status: 400 });
    expect(await at("GET", "%00")).toMatchObject({ status: 404 });
    expect((await fetch(`${gateway.url}/v1/responses/${first.id}`)).status).toBe(401);
  });
});
