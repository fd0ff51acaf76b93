import { afterEach, describe, expect, test } from "bun:test";
import { FakeClock } from "../clock/fake-clock.ts";
import { Deadlines } from "./deadlines.ts";
import { ConnectionPool } from "./http1/pool.ts";
import { CALL_MS_MAX, openUpstream, STREAM_BYTES_MAX, type UpstreamCall, type UpstreamFailure } from "./upstream.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A vendor that sends one chunk after the other, without an end (RFC 9112, 7.1). `paced`: one byte of data, and nothing more of itself. */
function endlessVendor(paced: boolean) {
  const state = { sent: 0, closed: false };
  const data = Buffer.alloc(1024 * 1024, "x");
  const chunk = Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from("\r\n")]);
  let at = 0;
  const pump = (socket: Bun.Socket<undefined>): void => {
    for (;;) {
      const count = socket.write(chunk.subarray(at));
      if (count <= 0) return;
      at = (at + count) % chunk.length;
      state.sent += count;
    }
  };
  const listener = Bun.listen<undefined>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket) {
        socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
        if (paced) socket.write("1\r\nx\r\n");
        else pump(socket);
      },
      drain: (socket) => void (paced || pump(socket)),
      close: () => void (state.closed = true),
    },
  });
  ends.push(() => listener.stop(true));
  return { state, port: listener.port };
}

const clock = new FakeClock();
const deadlines = new Deadlines(clock);
function open(port: number, stream: boolean): Promise<UpstreamCall> {
  const pool = new ConnectionPool(clock);
  ends.push(() => pool.close());
  return openUpstream(
    { method: "POST", url: `http://127.0.0.1:${port}/`, headers: {}, body: Buffer.from("{}"), firstByteMs: 2 * CALL_MS_MAX, idleMs: 2 * CALL_MS_MAX, proxy: undefined, stream, caller: { left: () => false, waits: () => undefined } },
    { pool, deadlines, clock },
  );
}

/** Reads on, and gives how it ended. */
function consumed(call: UpstreamCall) {
  const failed = Promise.withResolvers<UpstreamFailure>();
  const state = { bytes: 0, failed: failed.promise };
  call.consume({ data: (piece) => void (state.bytes += piece.length), end: () => failed.reject(new Error("it ended in order")), fail: failed.resolve, tick: () => undefined });
  return state;
}

describe("F19: a vendor that never stops sending", () => {
  test("a stream is cut at the cap, and the vendor's connection with it", async () => {
    const vendor = endlessVendor(false);
    const stream = consumed(await open(vendor.port, true));
    expect((await stream.failed).reason).toBe("too_large");
    expect(stream.bytes).toBeLessThanOrEqual(STREAM_BYTES_MAX);
    expect(stream.bytes).toBeGreaterThan(STREAM_BYTES_MAX - 64 * 1024 * 1024);
    for (let i = 0; i < 500 && !vendor.state.closed; i += 1) await Bun.sleep(2);
    expect(vendor.state.closed).toBe(true);
  });

  test.each([[true], [false]])("a trickle that always beats the idle limit (here: a longer one) ends all the same (stream: %p)", async (isStream) => {
    const vendor = endlessVendor(true);
    const opening = open(vendor.port, isStream).then((call) => (isStream ? consumed(call).failed : Promise.reject(new Error("it was answered"))), (error: UpstreamFailure) => error);
    for (let i = 0; i < 100 && deadlines.size === 0; i += 1) await Bun.sleep(2);
    await Bun.sleep(20);
    clock.advance(CALL_MS_MAX);
    deadlines.tick();
    const failure = await opening;
    expect([failure.reason, failure.message]).toEqual(["timeout", expect.stringContaining(String(CALL_MS_MAX / 60_000))]);
  });
});
