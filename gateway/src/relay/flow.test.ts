import { afterAll, describe, expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";
import { CHAT_ANSWER, CHAT_END, contentEvent, type ScriptedRequest, scriptedVendor } from "../testing/scripted-vendor.ts";

/** How bytes go through: at once, and without one caller's being in another's way. Times are bounds that only a timer, a copy or a queue would break; `bench/` measures finer. */
const FRAMES = 10;
const SLOW_MS = 1_500;
let afterFirst: Promise<void> = Promise.resolve();
/** monotonic milliseconds at which the vendor sent each frame of the last stream */
let sentAt: number[] = [];

const finish = (request: ScriptedRequest): void => {
  for (const event of CHAT_END) request.event(event);
  request.end();
};
const vendor = scriptedVendor({
  // One event, and the rest when the test says so.
  "gpt-4.1": (request) => {
    request.begin();
    request.event(contentEvent("first"));
    void afterFirst.then(() => finish(request));
  },
  // Small frames, each in a packet of its own, with the next one following before an acknowledgement would.
  "gpt-4.1-mini": (request) => {
    request.begin();
    let count = 0;
    const next = (): void => {
      sentAt.push(performance.now());
      request.event(contentEvent(`${count};`));
      count += 1;
      if (count === FRAMES) finish(request);
      else setTimeout(next, 2);
    };
    next();
  },
  "gpt-4.1-nano": (request) => request.answer(CHAT_ANSWER),
  // Ends in order, but in the middle of its first event.
  "gpt-4o-mini": (request) => {
    request.begin();
    request.event(contentEvent("torn").trimEnd());
    request.end();
  },
  "gpt-4o": (request) => void setTimeout(() => request.answer(CHAT_ANSWER), SLOW_MS),
});
afterAll(() => vendor.stop());
const gateway = await testGateway((config) => vendor.addTo(config));
const caller = await gateway.newCaller("1000");

const headers = { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" };
const chat = (model: string, stream: boolean): string => JSON.stringify({ model, stream, messages: [{ role: "user", content: "hi" }] });
const post = (path: string, body: string | Buffer, origin = gateway.url): Promise<Response> => fetch(`${origin}${path}`, { method: "POST", headers, body });
const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);
const quantile = (numbers: readonly number[], part: number): number => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))] ?? Number.NaN;

test("S15: the first event is with the caller before the vendor sends its second", async () => {
  const gate = Promise.withResolvers<void>();
  afterFirst = gate.promise;
  const reader = (await post("/v1/chat/completions", chat("gpt-4.1", true))).body?.getReader();
  const first = await reader?.read();
  expect(Buffer.from(first?.value ?? []).toString()).toBe(contentEvent("first"));
  gate.resolve();
  let rest = "";
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) rest += Buffer.from(piece.value).toString();
  expect(rest).toEndWith("data: [DONE]\n\n");
});

test("S01, M02, M18: a stream that ends in order within its first event is a failed attempt: the caller is told, pays nothing, and no hold stays", async () => {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers, body: chat("gpt-4o-mini", true), signal: AbortSignal.timeout(3_000) });
  expect(response.status, await response.text()).toBe(502);
  expect(await gateway.rows(caller.userId)).toContainEqual(expect.objectContaining({ model: "gpt-4o-mini", status: 502, charge_nano: "0" }));
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain("yescale_open_holds 0\n");
});

describe("small writes", () => {
  test("S11, S16: no frame waits for an acknowledgement or a timer, the first one included", async () => {
    const frames: number[] = [];
    const firstBytes: number[] = [];
    const direct: number[] = [];
    for (let i = 0; i < 30; i += 1)
      for (const [path, origin, into] of [["/gpt-4.1-mini/v1/chat/completions", vendor.origin, direct], ["/v1/chat/completions", gateway.url, firstBytes]] as const) {
        sentAt = [];
        const askedAt = performance.now();
        const response = await post(path, chat("gpt-4.1-mini", true), origin);
        const arrivedAt: number[] = [];
        for await (const piece of response.body ?? []) for (const _event of Buffer.from(piece).toString().matchAll(/"content":/g)) arrivedAt.push(performance.now());
        into.push((arrivedAt[0] ?? Number.NaN) - askedAt);
        expect(arrivedAt).toHaveLength(FRAMES);
        if (into === firstBytes) frames.push(...arrivedAt.map((at, index) => at - (sentAt[index] ?? Number.NaN)));
      }
    // A delayed acknowledgement takes 40 ms (Linux, TCP_DELACK_MIN), the timer of a gateway that was looked at 25 ms.
    expect(quantile(frames, 0.5)).toBeLessThan(5);
    expect(frames.filter((ms) => ms > 30 && ms < 60).length).toBeLessThan(frames.length / 20);
    expect(quantile(firstBytes, 0.5) - quantile(direct, 0.5)).toBeLessThan(5);
  });
});

/** The latencies of small requests, one after the other, while something else is under way. */
async function smallOnesDuring(other: Promise<unknown>, atLeast: number): Promise<number[]> {
  const latencies: number[] = [];
  let under = true;
  void other.finally(() => (under = false)).catch(() => undefined);
  while (under || latencies.length < atLeast) {
    const startedAt = performance.now();
    const response = await post("/v1/chat/completions", chat("gpt-4.1-nano", false));
    await response.text();
    expect(response.status).toBe(200);
    latencies.push(performance.now() - startedAt);
    await Bun.sleep(1);
  }
  return latencies;
}

/** A picture of 20 MB: its bytes are nothing a decoder would take, and none here looks. */
/** Begins as a PNG does, which is all that is looked at. */
const PICTURE = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(15 * 1024 * 1024, 7)]).toString("base64");

test.each([
  ["passed through", "/v1/chat/completions", { content: [{ type: "text", text: "what is this?" }, { type: "image_url", image_url: { url: `data:image/png;base64,${PICTURE}` } }] }],
  ["translated", "/v1/messages", { content: [{ type: "text", text: "what is this?" }, { type: "image", source: { type: "base64", media_type: "image/png", data: PICTURE } }] }],
] as const)("S10: bodies of 20 MB, %s, beside small ones: no small one waits long", async (_how, path, message) => {
  const body = Buffer.from(JSON.stringify({ model: "gpt-4.1-nano", max_tokens: 20, messages: [{ role: "user", ...message }] }));
  const before = vendor.requests.length;
  const big = async (): Promise<void> => {
    for (let i = 0; i < 4; i += 1) {
      const response = await post(path, body);
      expect(response.status, await response.text()).toBe(200);
    }
  };
  const latencies = await smallOnesDuring(big(), 50);
  expect(vendor.requests.slice(before).filter(({ received }) => received > PICTURE.length)).toHaveLength(4);
  expect(quantile(latencies, 0.5)).toBeLessThan(50);
  expect(Math.max(...latencies)).toBeLessThan(500);
});

/** Below 256: `fetch` in Bun's test runner (1.4.5) allows that many requests at a time, whatever BUN_CONFIG_MAX_HTTP_REQUESTS says. */
const CALLS = 200;

test("F18: one vendor that is slow, with 200 calls waiting for it, slows no call to another", async () => {
  const waiting = Promise.all(Array.from({ length: CALLS }, async () => (await post("/v1/chat/completions", chat("gpt-4o", false))).status));
  await Bun.sleep(300);
  const startedAt = performance.now();
  const latencies: number[] = [];
  while (performance.now() - startedAt < SLOW_MS / 2) latencies.push(...(await smallOnesDuring(Promise.resolve(), 1)));
  expect(latencies.length).toBeGreaterThan(50);
  expect(quantile(latencies, 0.99)).toBeLessThan(SLOW_MS / 10);
  expect(new Set(await waiting)).toEqual(new Set([200]));
});

test("S03: 100 streams that fail in the middle with a 429, and no other account: one call each, and nothing spins afterwards", async () => {
  gateway.sandbox.reset();
  const body = JSON.stringify({ model: "claude-sonnet-4-5", stream: true, max_tokens: 100, messages: [{ role: "user", content: "write 20 words [[fault:error-in-stream=3;status=429]]" }] });
  const texts = await Promise.all(Array.from({ length: 100 }, async () => (await post("/v1/messages", body)).text()));
  for (const text of texts) expect(text).toContain("event: error");
  expect(gateway.seen()).toHaveLength(100);
  await Bun.sleep(200);
  const before = process.cpuUsage();
  await Bun.sleep(300);
  const used = process.cpuUsage(before);
  // A loop without an await would take all of it.
  expect((used.user + used.system) / 1_000).toBeLessThan(150);
  expect(gateway.seen()).toHaveLength(100);
});
