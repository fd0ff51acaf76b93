import { connect } from "node:net";
import { describe, expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

const gateway = await testGateway();
const caller = await gateway.newCaller("10");
const post = (path: string, body: string | ReadableStream, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${gateway.url}${path}`, { method: "POST", body, headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}`, ...headers } });
const PATHS = ["/v1/chat/completions", "/v1/messages", "/v1beta/models/gemini-2.5-flash:generateContent"];

describe.each(PATHS)("V23: what would stall a parser is cut short: %s", (path) => {
  test.each([
    ["10,000 lists in one another", `{"messages":${"[".repeat(10_000)}${"]".repeat(10_000)}}`],
    ["10,000 objects in one another", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`],
    ["lists that never close", "[".repeat(1_000_000)],
    ["one string without an end", `{"model":"${"a".repeat(5_000_000)}`],
    ["backslashes", `{"model":"${"\\".repeat(2_000_001)}"}`],
    ["a number of a million digits", `{"model":${"1".repeat(1_000_000)}}`],
    ["a model name of a megabyte", `{"model":"${"a".repeat(1_000_000)}","messages":[],"contents":3}`],
    ["100,000 members of one name", `{${'"model":"gpt-4.1-mini",'.repeat(100_000)}"messages":[]}`],
    ["text after the end", '{"model":"gpt-4.1-mini","messages":[]} {}'],
    ["a lone surrogate and a NUL", '{"model":"\\ud800\\u0000","messages":[{"role":"user","content":"x"}],"contents":3}'],
  ])("%s", async (_name, body) => {
    gateway.sandbox.reset();
    const startedAt = performance.now();
    const response = await post(path, body);
    expect([400, 404]).toContain(response.status);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect((await response.text()).length).toBeLessThan(2_000);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(gateway.seen()).toEqual([]);
  });

  test("a body without a length that goes beyond the limit is cut while it comes", async () => {
    let sent = 0;
    const piece = new Uint8Array(1024 * 1024).fill(0x20);
    const endless = new ReadableStream({
      pull(controller) {
        sent += piece.length;
        if (sent > 200 * 1024 * 1024) controller.close();
        else controller.enqueue(piece);
      },
    });
    const status = await post(path, endless).then((response) => response.status, () => 413);
    expect(status).toBe(413);
    expect(sent).toBeLessThan(150 * 1024 * 1024);
  });
});

test("V23, F20: a caller that sends a head and then nothing keeps nobody else waiting", async () => {
  const { port } = new URL(gateway.url);
  const idle = Array.from({ length: 50 }, () => connect(Number(port), "127.0.0.1", function (this: ReturnType<typeof connect>) {
    this.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${caller.apiKey}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"mod`);
  }));
  await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
  const startedAt = performance.now();
  expect((await post("/v1/chat/completions", JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: "hi" }] }))).status).toBe(200);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  for (const socket of idle) socket.destroy();
});
