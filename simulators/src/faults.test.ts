import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import zlib from "node:zlib";
import { startSandbox, type Sandbox } from "./server.ts";
import { rawPost } from "./testing/raw.ts";
import { ASKINGS, type Asking } from "./testing/vendors.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => Date.UTC(2026, 0, 1) });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

const PROMPT = "count to 6";

describe.each(ASKINGS)("$vendor", (asking: Asking) => {
  const ask = (fault: string, stream = false, extra: Record<string, string> = {}, patience?: number) =>
    rawPost(
      sandbox.url,
      asking.path(stream),
      asking.body(PROMPT, stream),
      { ...asking.headers, ...(fault ? { "x-sandbox-fault": fault } : {}), ...extra },
      patience,
    );
  const status = (text: string) => Number(text.split(" ")[1]);
  const contentEvents = (body: string) => body.match(/"(content|text)":"[ \d,]+"/g)?.length ?? 0;

  test("without faults every event is its own chunk", async () => {
    const { chunks, ending, body } = await ask("", true);
    expect(ending).toBe("complete");
    expect(chunks.length).toBe(body.trimEnd().split(/\r?\n\r?\n/).length);
    expect(body).toContain(asking.terminal);
    expect(contentEvents(body)).toBe(11);
  });

  test.each([401, 402, 403, 429, 500, 502, 503, 529])("status=%i in the vendor's own body", async (code) => {
    const answer = await ask(`status=${code}${code === 429 ? ";retry-after=7" : ""}`);
    expect(status(answer.text)).toBe(code);
    const error = JSON.parse(answer.body);
    if (asking.vendor === "openai")
      expect(Object.keys(error.error)).toEqual(["message", "type", "param", "code"]);
    if (asking.vendor === "anthropic")
      expect(error).toMatchObject({
        type: "error",
        error: { type: expect.any(String) },
        request_id: expect.any(String),
      });
    if (asking.vendor === "gemini") expect(error.error).toMatchObject({ code, status: expect.any(String) });
    if (code === 429) expect(answer.text.toLowerCase()).toContain("retry-after: 7\r\n");
  });

  test("no-balance and bad-key", async () => {
    const expected: Record<string, [number, string, number, string]> = {
      openai: [429, "insufficient_quota", 401, "invalid_api_key"],
      anthropic: [400, "credit balance is too low", 401, "authentication_error"],
      gemini: [429, "credits are depleted", 400, "API_KEY_INVALID"],
    };
    const [poor, poorText, bad, badText] = expected[asking.vendor] ?? [0, "", 0, ""];
    const [first, second] = [await ask("no-balance"), await ask("bad-key")];
    expect([status(first.text), status(second.text)]).toEqual([poor, bad]);
    expect(first.body).toContain(poorText);
    expect(second.body).toContain(badText);
  });

  test("cut=N resets after N content events", async () => {
    const answer = await ask("cut=3", true);
    expect([answer.ending, contentEvents(answer.body)]).toEqual(["reset", 3]);
    expect(sandbox.requests()[0]).toMatchObject({ contentTokensSent: 3, answer: { completed: false } });
  });

  test("stall=N falls silent with the connection open, and sees the client leave", async () => {
    const answer = await ask("stall=2", true, {}, 60);
    expect([answer.ending, contentEvents(answer.body)]).toEqual(["open", 2]);
  });

  test("an abort ends the stall and is recorded", async () => {
    const controller = new AbortController();
    const response = await fetch(sandbox.url + asking.path(true), {
      method: "POST",
      headers: { ...asking.headers, "x-sandbox-fault": "stall=2" },
      body: JSON.stringify(asking.body(PROMPT, true)),
      signal: controller.signal,
    });
    await response.body?.getReader().read();
    controller.abort();
    for (let tries = 0; tries < 200 && sandbox.requests()[0]?.["aborted"] !== true; tries += 1)
      await Bun.sleep(1);
    expect(sandbox.requests()[0]).toMatchObject({ aborted: true, answer: { completed: false } });
  });

  test("hang never answers", async () => {
    const answer = await ask("hang", false, {}, 40);
    expect([answer.text, answer.ending]).toEqual(["", "open"]);
  });

  test("cut-body declares the whole length, sends half and closes in order", async () => {
    const whole = await ask("");
    const answer = await ask("cut-body");
    expect(answer.ending).toBe("reset");
    const declared = Number(/content-length: (\d+)/i.exec(answer.text)?.[1]);
    const sent = Buffer.from(answer.text.slice(answer.text.indexOf("\r\n\r\n") + 4), "latin1");
    expect(declared).toBe(Buffer.byteLength(whole.body));
    expect(sent.length).toBe(Math.floor(declared / 2));
    expect(sandbox.requests()[1]).toMatchObject({ answer: { completed: false, length: sent.length } });
    // the connection is gone, the sandbox is well
    expect(status((await ask("")).text)).toBe(200);
  });

  test("error-in-stream=N, also as the very first event", async () => {
    const late = await ask("error-in-stream=4;status=529", true);
    expect([status(late.text), contentEvents(late.body), late.ending]).toEqual([200, 4, "complete"]);
    expect(late.body).not.toContain(asking.terminal);
    const first = await ask("error-in-stream=0", true);
    expect(first.chunks).toHaveLength(1);
    const data = JSON.parse(first.body.slice(first.body.indexOf("{")));
    expect(data.error.message).toBeString();
  });

  test("malformed=N, duplicate-frame=N, huge-event=BYTES", async () => {
    const broken = (await ask("malformed=4", true)).body.split(/\r?\n\r?\n/).filter(Boolean);
    const parses = broken.map((event) => {
      try {
        JSON.parse(event.slice(event.indexOf("{")));
        return true;
      } catch {
        return event.includes("[DONE]");
      }
    });
    expect(parses.map((fine, index) => (fine ? 0 : index + 1)).filter(Boolean)).toEqual([4]);
    const twice = (await ask("duplicate-frame=5", true)).chunks;
    expect(twice[4]).toBe(twice[5] ?? "");
    const huge = await ask("huge-event=300000", true);
    expect(Math.max(...huge.body.split(/\r?\n\r?\n/).map((event) => event.length))).toBeGreaterThan(300_000);
    expect(contentEvents(huge.body)).toBe(11);
  });

  test("no-usage and usage-zero, whole and as a stream", async () => {
    for (const stream of [false, true]) {
      expect((await ask("no-usage", stream)).body).not.toMatch(/_tokens|TokenCount/);
      const zero = (await ask("usage-zero", stream)).body;
      expect(zero).toMatch(/_tokens"|TokenCount"/);
      expect(zero).not.toMatch(/(_tokens|TokenCount)": ?[1-9]/);
    }
  });

  test("missing-end ends cleanly without the terminal event", async () => {
    const answer = await ask("missing-end", true);
    expect([answer.ending, contentEvents(answer.body)]).toEqual(["complete", 11]);
    expect(answer.body).not.toContain(asking.terminal);
  });

  test("split=K and burst keep the bytes and change the borders", async () => {
    const normalise = (body: string) => body.replaceAll(/"(id|responseId)": ?"[^"]+"/g, "");
    const plain = await ask("", true);
    const split = await ask("split=7", true);
    expect(split.chunks.slice(0, -1).every((chunk) => chunk.length === 7)).toBe(true);
    expect(normalise(split.body)).toBe(normalise(plain.body));
    const burst = await ask("burst", true);
    expect(burst.chunks).toHaveLength(1);
    expect(normalise(burst.body)).toBe(normalise(plain.body));
  });

  test("empty, html, leak", async () => {
    expect([status((await ask("empty")).text), (await ask("empty")).body]).toEqual([200, ""]);
    expect((await ask("html")).text).toMatch(/content-type: text\/html[\s\S]*<!doctype html>/i);
    expect((await ask("leak;status=503")).body).toMatch(/sk-leak-[\s\S]*org-Leaked/);
    expect((await ask("leak;error-in-stream=1", true)).body).toContain("sk-leak-");
  });

  test("slow-first-byte and pace wait", async () => {
    const start = performance.now();
    await ask("slow-first-byte=15");
    const first = performance.now();
    await ask("pace=2", true);
    expect(first - start).toBeGreaterThan(14);
    expect(performance.now() - first).toBeGreaterThan(20);
  });

  test("only-key, times and rate", async () => {
    expect(status((await ask("status=500;only-key=another")).text)).toBe(200);
    const some = async (spec: string) => {
      const seen: number[] = [];
      for (let index = 0; index < 4; index += 1) seen.push(status((await ask(spec)).text));
      return seen;
    };
    expect(await some("status=503;times=2")).toEqual([503, 503, 200, 200]);
    expect(await some("status=503;rate=50")).toEqual([200, 503, 200, 503]);
  });

  test("magic words do what the header does, and unknown words are refused", async () => {
    const words = await rawPost(
      sandbox.url,
      asking.path(false),
      asking.body("hi [[fault:status=503]]", false),
      asking.headers,
    );
    expect(status(words.text)).toBe(503);
    const unknown = await ask("explode=1");
    expect(status(unknown.text)).toBe(400);
    expect(unknown.body).toContain("slow-first-byte=N");
  });

  test.each(["gzip", "br", "zstd", "deflate"])("%s, flushed event by event", async (coding) => {
    const decode = {
      gzip: zlib.gunzipSync,
      br: zlib.brotliDecompressSync,
      zstd: zlib.zstdDecompressSync,
      deflate: zlib.inflateSync,
    }[coding];
    const headers = { "accept-encoding": `identity, ${coding}`, "x-sandbox-encode": coding };
    for (const stream of [false, true]) {
      const plain = await ask("", stream);
      const coded = await ask("", stream, headers);
      expect(coded.text.toLowerCase()).toContain(`content-encoding: ${coding}`);
      expect(decode?.(Buffer.from(coded.chunks.join(""), "latin1")).toString().length).toBe(
        plain.body.length,
      );
      if (stream) expect(coded.chunks.length).toBeGreaterThanOrEqual(plain.chunks.length);
    }
    expect((await ask("", false, { "x-sandbox-encode": coding })).text.toLowerCase()).not.toContain(
      "content-encoding",
    );
  });

  test("the same requests to another sandbox get the same bytes", async () => {
    const twin = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => Date.UTC(2026, 0, 1) });
    for (const stream of [false, true]) {
      const one = await ask("", stream);
      const other = await rawPost(twin.url, asking.path(stream), asking.body(PROMPT, stream), asking.headers);
      expect(other.body).toBe(one.body);
    }
    await twin.stop();
  });
});
