import { connect, type Socket } from "node:net";
import { afterAll, afterEach, expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";
import { contentEvent, type ScriptedRequest, scriptedVendor } from "../testing/scripted-vendor.ts";

/** Many streams that stand still: because callers do not read, or because vendors say nothing. Vendor, gateway and callers are one process here, so memory is that of all three. */
const MEGABYTE = 1024 * 1024;
const LONG = contentEvent("word ".repeat(10_000));

const vendor = scriptedVendor({
  /** Without an end. */
  "gpt-4.1": (request: ScriptedRequest) => {
    request.begin();
    const pump = (): void => {
      while (!request.closed && request.event(LONG));
    };
    request.drained = pump;
    pump();
  },
  /** One event, then silence. */
  "gpt-4.1-mini": (request: ScriptedRequest) => {
    request.begin();
    request.event(contentEvent("hello"));
  },
});
const gateway = await testGateway((config) => vendor.addTo(config));
const caller = await gateway.newCaller("100000");
const port = Number(new URL(gateway.url).port);
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  vendor.requests.length = 0;
});
afterAll(() => vendor.stop());

/** A caller that asks for a stream and takes no more than its beginning. Resolves when that has come. */
function hold(model: string): Promise<void> {
  const body = JSON.stringify({ model, stream: true, max_tokens: 50, messages: [{ role: "user", content: "hi" }] });
  const begun = Promise.withResolvers<void>();
  const socket = connect(port, "127.0.0.1", () => socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${caller.apiKey}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`));
  socket.once("data", (bytes) => {
    socket.pause();
    if (bytes.toString("latin1").startsWith("HTTP/1.1 200")) begun.resolve();
    else begun.reject(new Error(bytes.toString("latin1")));
  });
  socket.once("error", begun.reject);
  sockets.push(socket);
  return begun.promise;
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !holds(); await Bun.sleep(5)) if (Date.now() > end) throw new Error("did not come about in 10 s");
}

function memory(): number {
  Bun.gc(true);
  return process.memoryUsage().rss;
}

test("V43, S24: callers who do not read stop the vendors; nothing is collected for them", async () => {
  const READERS = 40;
  const before = memory();
  await Promise.all(Array.from({ length: READERS }, () => hold("gpt-4.1")));
  const total = (): number => vendor.requests.reduce((sum, request) => sum + request.sent, 0);
  let last = -1;
  for (let still = 0; still < 3; still = total() === last ? still + 1 : 0) {
    last = total();
    await Bun.sleep(100);
  }
  // An endless body each, of which the sockets' own buffers took what they hold.
  expect(vendor.requests).toHaveLength(READERS);
  expect(Math.max(...vendor.requests.map((request) => request.sent))).toBeLessThan(24 * MEGABYTE);
  const each = (memory() - before) / READERS;
  expect(each).toBeLessThan(4 * MEGABYTE);
  for (const socket of sockets.splice(0)) socket.destroy();
  await until(() => vendor.requests.every((request) => request.closed));
});

/** What a silent stream may keep in memory, both of its ends and the vendor included. The gateway alone is measured by `bench/` (scenario "held"). */
const STREAM_BYTES = 128 * 1024;

test("F22: thousands of silent streams cost little memory each, and leave none behind", async () => {
  const STREAMS = 2_000;
  await Promise.all(Array.from({ length: 50 }, () => hold("gpt-4.1-mini")));
  const before = memory();
  for (let opened = 0; opened < STREAMS; opened += 100) await Promise.all(Array.from({ length: 100 }, () => hold("gpt-4.1-mini")));
  expect(vendor.requests.length).toBe(STREAMS + 50);
  const each = (memory() - before) / STREAMS;
  expect(each).toBeLessThan(STREAM_BYTES);
  const calls = async (): Promise<number> => Number(/^yescale_upstream_calls (\d+)$/m.exec(await (await fetch(`${gateway.url}/metrics`)).text())?.[1]);
  expect(await calls()).toBe(STREAMS + 50);
  for (const socket of sockets.splice(0)) socket.destroy();
  await until(() => vendor.requests.every((request) => request.closed));
  for (let i = 0; i < 200 && (await calls()) > 0; i += 1) await Bun.sleep(10);
  expect(await calls()).toBe(0);
});
