import { afterAll, expect, test } from "bun:test";
import { createServer } from "node:net";
import { newApiKey } from "../accounts/api-key.ts";
import { Program } from "../testing/program.ts";

/** Constructed from OpenAI's published type of an answer; its id is a sum of what was read of the request. */
const answer = (id: string): string => JSON.stringify({ id, object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hi" } }], usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 } });
const event = (data: object): string => `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", ...data })}\n\n`;
const stream = (id: string): string =>
  `${event({ choices: [{ index: 0, delta: { content: id }, finish_reason: null }] })}${event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 } })}data: [DONE]\n\n`;

const sum = (bytes: Buffer): string => Bun.hash(bytes).toString(36);

/** A vendor that tells what it read, or answers when it has read a beginning (HTTP/1.1 lets a server do that, RFC 9112, 9.3) and reads the rest at leisure. */
const vendor = createServer((socket) => {
  let received = Buffer.alloc(0);
  let answered = false;
  const take = (): boolean => {
    const head = received.indexOf("\r\n\r\n") + 4;
    const declared = Number(/content-length: (\d+)/i.exec(received.toString("latin1", 0, head))?.[1]);
    const body = received.subarray(head, head + declared);
    const early = body.includes('"early"');
    if (head < 4 || (body.length < declared && !early)) return false;
    if (!answered) {
      const streamed = body.includes('"stream":true');
      const id = early ? "early" : sum(body);
      const text = streamed ? stream(id) : answer(id);
      socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${streamed ? "text/event-stream" : "application/json"}\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
    }
    answered = body.length < declared;
    if (answered) return false;
    received = received.subarray(head + declared);
    return received.length > 0;
  };
  socket.on("error", () => undefined);
  socket.on("data", (piece: Buffer) => {
    received = Buffer.concat([received, piece]);
    while (take());
  });
});
const port = await new Promise<number>((resolve) => vendor.listen(0, "127.0.0.1", () => resolve((vendor.address() as { port: number }).port)));
const KEY = newApiKey(false);
const program = new Program({ YESCALE_API_KEY: KEY, YESCALE_INITIAL_CREDIT_USD: "1000", YESCALE_SANDBOX: "off", OPENAI_API_KEY: "sk-a", OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` });
const running = program.run();
expect(await program.ready()).toBe(true);
afterAll(async () => {
  await running.stop();
  vendor.close();
});

test("large bodies of many callers, some answered before they were read and some left by their callers: each reaches the vendor as it was sent", async () => {
  const caller = async (number: number): Promise<void> => {
    for (let round = 0; round < 6; round += 1) {
      const stream = (number + round) % 2 === 0;
      const early = number % 4 === 3;
      const text = String.fromCharCode(97 + ((number * 7 + round) % 26)).repeat(300_000 + number * 40_000 + round * 1000);
      const body = JSON.stringify({ ...(early ? { user: "early" } : {}), model: "gpt-4.1-nano", stream, ...(stream ? { stream_options: { include_usage: true } } : {}), max_tokens: 20, messages: [{ role: "user", content: text }] });
      const leaves = number % 8 === 5 && round === 2;
      const controller = new AbortController();
      const asking = fetch(`${program.url}/v1/chat/completions`, { method: "POST", body, signal: controller.signal, headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" } });
      if (leaves) {
        setTimeout(() => controller.abort(), 2);
        await asking.then((response) => response.text()).catch(() => undefined);
        continue;
      }
      const response = await asking;
      const given = await response.text();
      expect(response.status, given).toBe(200);
      expect(given).toContain(early ? "early" : sum(Buffer.from(body)));
    }
  };
  await Promise.all(Array.from({ length: 24 }, (_, number) => caller(number)));
}, 30_000);
