import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { ANSWER_BYTES_MAX, STREAM_BYTES_MAX } from "../egress/upstream.ts";
import { testGateway } from "../testing/gateway.ts";

const HEADERS = { "content-type": "text/event-stream" };
const MEGABYTE = 1024 * 1024;
const event = (delta: object): string => `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;
/** Constructed: an event that is no content, whatever its length. */
const NOISE = Buffer.from(`data: {"x":"${"x".repeat(MEGABYTE)}"}\n\n`);

/** Constructed: what a broken vendor may send for ever, by the words of the prompt. The first four dispatch no event (WHATWG HTML, 9.2.6). */
const FLOODS: Record<string, Buffer> = Object.fromEntries(
  Object.entries({ "empty lines": "\n", comments: ": x\n\n", "one comment": ": x\n", "tiny blocks": "a\n\n", "empty events": "data: {}\n\n", "one event": "x", "lines of one event": "data: x\n" }).map(([name, unit]) => [
    name, Buffer.from(unit.repeat(MEGABYTE / unit.length)),
  ]),
);

/** A vendor whose streams never end: after content, or without any. */
const sent = { bytes: 0, calls: 0 };
const vendor = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 0,
  async fetch(request) {
    const text = await request.text();
    const content = text.includes("content first");
    const noise = Object.entries(FLOODS).find(([name]) => text.includes(`then ${name}"`))?.[1] ?? NOISE;
    sent.calls += 1;
    let first = content;
    return new Response(
      new ReadableStream({
        pull(controller) {
          const bytes = first ? Buffer.from(event({ role: "assistant", content: "hello" })) : noise;
          first = false;
          sent.bytes += bytes.length;
          controller.enqueue(bytes);
        },
      }),
      { headers: HEADERS },
    );
  },
});
afterAll(() => vendor.stop(true));
const gateway = await testGateway((config) =>
  config.channels.push({ name: "endless", vendor: "openai", baseUrl: `${vendor.url.origin}/v1`, credentials: ["sk-endless"], models: ["gpt-4.1-mini"], modelMapping: {}, priority: 10, weight: 1, timeouts: {}, enabled: true }),
);

const ask = (key: string, content: string): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify({ model: "gpt-4.1-mini", stream: true, messages: [{ role: "user", content }] }) });

describe("F19: an endless stream", () => {
  afterEach(() => gateway.channels.health.forget("file:endless"));

  test.each(Object.keys(FLOODS))("of %s: the vendor's fault and told so, charged for what was said before, read no further than it must be", async (flood) => {
    const who = await gateway.newCaller("10");
    sent.bytes = 0;
    const text = await (await ask(who.apiKey, `content first, then ${flood}`)).text();
    expect(text).toContain("hello");
    expect(text.slice(-400)).toContain('"upstream_stream_cut"');
    // An event has a limit of 32 MB; where there is none, less is enough. Line by line, 256 MB were read, and held the event loop for 4 s at a time; now it is 20 to 230 ms in all.
    expect(sent.bytes).toBeLessThan(64 * MEGABYTE);
    const [row] = await gateway.rows(who.userId);
    expect(row).toMatchObject({ end_reason: "upstream_cut", error_code: "upstream_stream_cut", estimated: true });
  });

  test("after content: cut at the cap with an error event, charged for what it said, and held against the channel", async () => {
    const who = await gateway.newCaller("10");
    const response = await ask(who.apiKey, "content first");
    let length = 0;
    let tail = "";
    for await (const piece of response.body ?? []) {
      length += piece.length;
      tail = Buffer.from(piece).toString("latin1").slice(-2_000);
    }
    expect(tail).toContain("upstream_stream_cut");
    expect(tail).not.toContain("[DONE]");
    expect(length).toBeLessThan(STREAM_BYTES_MAX + MEGABYTE);
    const [row] = await gateway.rows(who.userId);
    expect(row).toMatchObject({ status: 200, end_reason: "upstream_cut", error_code: "upstream_stream_cut", estimated: true });
    // Noise is not billed: "hello" is all that was said.
    expect(row?.usage).toMatchObject({ output: 1 });
    // Four more such failures in a row, and the channel is out (health.ts): this one was counted.
    for (let i = 0; i < 4; i += 1) gateway.channels.health.failure("file:endless#0", "gpt-4.1-mini", "server");
    expect(gateway.channels.health.openCircuits().map(({ target }) => target)).toEqual(["file:endless#0 gpt-4.1-mini"]);
  }, 20_000);

  test("without content: an attempt that failed, no more kept than of a whole answer, nothing charged", async () => {
    const who = await gateway.newCaller("10");
    sent.bytes = 0;
    const response = await ask(who.apiKey, "noise only");
    const text = await response.text();
    expect([response.status, text]).toEqual([502, expect.stringContaining("bad_upstream_response")]);
    expect(sent.bytes).toBeLessThan(ANSWER_BYTES_MAX + 32 * MEGABYTE);
    const [row] = await gateway.rows(who.userId);
    expect(row).toMatchObject({ status: 502, charge_nano: "0", end_reason: "upstream_error" });
  }, 20_000);
});
