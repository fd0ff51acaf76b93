import { sql } from "kysely";
import { describe, expect, test } from "bun:test";
import { sweepCaptured } from "../../store/queries/capture.ts";
import { testGateway } from "../../testing/gateway.ts";
import { eventually } from "../../testing/program.ts";

const gateway = await testGateway();
const post = (apiKey: string, body: object, more: { path?: string; headers?: Record<string, string> } = {}): Promise<Response> =>
  fetch(`${gateway.url}${more.path ?? "/v1/chat/completions"}`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}`, ...more.headers }, body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: "hi" }], ...body }) });
interface Kept {
  data: { request: { text: string; bytes: number; truncated: boolean }; response: { text: string; bytes: number; truncated: boolean }; created_at: number; expires_at: number };
}
const kept = async (accessKey: string, id: string | null): Promise<{ status: number; body: Kept }> => {
  const response = await fetch(`${gateway.url}/yescale/captured/${id ?? ""}`, { headers: { authorization: `Bearer ${accessKey}` } });
  return { status: response.status, body: (await response.json()) as Kept };
};
async function capture(caller: { accessKey: string; keyId: string }, days: number): Promise<number> {
  const { status } = await fetch(`${gateway.url}/yescale/keycapture/${caller.keyId}`, { method: "PUT", headers: { authorization: `Bearer ${caller.accessKey}`, "content-type": "application/json" }, body: JSON.stringify({ days }) });
  await Bun.sleep(100);
  return status;
}
const idOf = (response: Response): string => response.headers.get("x-request-id") ?? "";
const rowsOf = async (keyId: string): Promise<number> => (await gateway.db.selectFrom("captured_bodies").select("request_id").where("key_id", "=", keyId).execute()).length;

describe("V41: bodies of requests and answers", () => {
  test("are not kept unless the key's owner asks for it, and are gone when he asks no more", async () => {
    const caller = await gateway.newCaller("10");
    const before = await post(caller.apiKey, {});
    await before.text();
    expect((await kept(caller.accessKey, idOf(before))).status).toBe(404);
    expect(await capture(caller, 3)).toBe(200);
    const response = await post(caller.apiKey, { messages: [{ role: "user", content: "my key is sk-abcdef0123456789ABCDEF, mail me@mail.example.com" }] });
    const answer = await response.text();
    const { status, body } = await kept(caller.accessKey, idOf(response));
    expect(status).toBe(200);
    expect(JSON.parse(body.data.request.text)).toMatchObject({ model: "gpt-4.1-mini", messages: [{ content: "my key is [key], mail [e-mail]" }] });
    expect(body.data.response).toMatchObject({ bytes: Buffer.byteLength(answer), truncated: false });
    expect(body.data.response.text).toContain('"chat.completion"');
    expect(body.data.expires_at - body.data.created_at).toBe(3 * 86_400);
    expect(await rowsOf(caller.keyId)).toBe(1);
    expect(await capture(caller, 0)).toBe(200);
    expect(await rowsOf(caller.keyId)).toBe(0);
    const after = await post(caller.apiKey, {});
    await after.text();
    expect((await kept(caller.accessKey, idOf(after))).status).toBe(404);
  });

  test("streams, translated and compressed answers, refusals and answers that were left are kept as the caller had them", async () => {
    const caller = await gateway.newCaller("10");
    await capture(caller, 1);
    const stream = await post(caller.apiKey, { stream: true });
    const text = await stream.text();
    expect((await kept(caller.accessKey, idOf(stream))).body.data.response).toEqual({ text, bytes: Buffer.byteLength(text), truncated: false });
    const translated = await post(caller.apiKey, { model: "claude-haiku-4-5", stream: true });
    const events = await translated.text();
    expect((await kept(caller.accessKey, idOf(translated))).body.data.response.text).toBe(events);
    const coded = await post(caller.apiKey, {}, { headers: { "accept-encoding": "gzip" } });
    const plain = await coded.text();
    expect((await kept(caller.accessKey, idOf(coded))).body.data.response.text).toBe(plain);
    const failed = await post(caller.apiKey, {}, { headers: { "x-sandbox-fault": "status=400" } });
    await failed.text();
    expect((await kept(caller.accessKey, idOf(failed))).body.data.response.text).toContain("error");
    const leaving = new AbortController();
    const left = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", signal: leaving.signal, headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}`, "x-sandbox-fault": "hang-after=3" }, body: JSON.stringify({ model: "gpt-4.1-mini", stream: true, messages: [{ role: "user", content: "count to a hundred" }] }) });
    const reader = left.body?.getReader();
    await reader?.read();
    leaving.abort();
    expect(await eventually(async () => (await kept(caller.accessKey, idOf(left))).status === 200, 5_000)).toBe(true);
  });

  test("are cut at a size, and data in them is told by its length only", async () => {
    const caller = await gateway.newCaller("10");
    await capture(caller, 1);
    const response = await post(caller.apiKey, { messages: [{ role: "user", content: `${"word ".repeat(40_000)}` }] });
    await response.text();
    const { request } = (await kept(caller.accessKey, idOf(response))).body.data;
    expect(request.text).toHaveLength(64 * 1024);
    expect(request).toMatchObject({ truncated: true });
    expect(request.bytes).toBeGreaterThan(200_000);
    const speech = await post(caller.apiKey, { model: "gpt-4o-mini-tts", input: "hello", voice: "alloy", messages: undefined }, { path: "/v1/audio/speech" });
    const sound = await speech.arrayBuffer();
    expect((await kept(caller.accessKey, idOf(speech))).body.data.response.text).toBe(`[${speech.headers.get("content-type") ?? ""}, ${sound.byteLength} bytes]`);
  });

  test("V09: are the owner's alone; V34: lie sealed, and vanish on time", async () => {
    const [caller, other] = [await gateway.newCaller("10"), await gateway.newCaller("10")];
    expect(await capture({ ...other, keyId: caller.keyId }, 1)).toBe(404);
    await capture(caller, 1);
    const response = await post(caller.apiKey, { messages: [{ role: "user", content: "a very particular sentence" }] });
    await response.text();
    expect((await kept(caller.accessKey, idOf(response))).status).toBe(200);
    expect((await kept(other.accessKey, idOf(response))).status).toBe(404);
    expect((await kept(caller.accessKey, "no-uuid")).status).toBe(400);
    const { rows } = await sql<{ text: string }>`select encode(sealed, 'escape') as text from captured_bodies where key_id = ${caller.keyId}::bigint`.execute(gateway.db);
    expect(rows[0]?.text.includes("particular")).toBe(false);
    await gateway.db.updateTable("captured_bodies").set({ expires_at: new Date(Date.now() - 1_000) }).where("key_id", "=", caller.keyId).execute();
    expect((await kept(caller.accessKey, idOf(response))).status).toBe(404);
    await sweepCaptured(gateway.db);
    expect(await rowsOf(caller.keyId)).toBe(0);
    await post(caller.apiKey, {}).then((again) => again.text());
    await eventually(async () => (await rowsOf(caller.keyId)) === 1);
    await gateway.db.updateTable("api_keys").set({ deleted_at: new Date() }).where("id", "=", caller.keyId).execute();
    await sweepCaptured(gateway.db);
    expect(await rowsOf(caller.keyId)).toBe(0);
  });
});
