import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../clock/clock.ts";
import { Deadlines } from "./deadlines.ts";
import { ConnectionPool } from "./http1/pool.ts";
import { httpAnswer, type RawOptions, type RawServer, rawServer, TEST_ROOT } from "./testing/raw-server.ts";
import { requestHead, send, type WireRequest } from "./transport.ts";
import { type Egress, openUpstream, type UpstreamCall, type UpstreamFailure, type UpstreamRequest } from "./upstream.ts";

/** The client of vendors, against servers that speak over bare sockets: what is written, and when, is seen byte by byte. */
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function server(options: RawOptions = {}): RawServer {
  const made = rawServer(options);
  ends.push(() => made.stop());
  return made;
}

function egress(certificateAuthority?: string): Egress {
  const pool = new ConnectionPool(systemClock, certificateAuthority);
  ends.push(() => pool.close());
  return { pool, deadlines: new Deadlines(systemClock), clock: systemClock };
}

const CALLER = { left: () => false, waits: () => {} };
const call = (out: Egress, url: string, options: Partial<UpstreamRequest> = {}): Promise<UpstreamCall> =>
  openUpstream({ method: "POST", url, headers: { authorization: "Bearer secret" }, body: Buffer.from("{}"), firstByteMs: 300_000, idleMs: 300_000, proxy: undefined, stream: false, caller: CALLER, ...options }, out);

/** How a call failed. */
const failure = async (calling: Promise<UpstreamCall>): Promise<UpstreamFailure> => calling.then(() => { throw new Error("it did not fail"); }, (error: UpstreamFailure) => error);

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !holds(); await Bun.sleep(2)) if (Date.now() > end) throw new Error("did not come about in 20 s");
}

const requestEnded = (request: string): boolean => request.endsWith("{}") || request.endsWith("\r\n\r\n");
const answering = (status: number, headers: Record<string, string> = {}, body = "ok"): RawOptions => ({
  onData: (socket, request) => void (requestEnded(request) && socket.write(httpAnswer(status, headers, body))),
});

describe("V05: the certificate must be of the name that was asked for, before a byte is written", () => {
  test("a trusted root and the right name: answered", async () => {
    const up = server({ certificate: "loopback", ...answering(200) });
    const answer = await call(egress(TEST_ROOT), `https://127.0.0.1:${up.port}/v1`);
    expect([answer.status, answer.body().toString()]).toEqual([200, "ok"]);
    expect(up.received()[0]).toContain("authorization: Bearer secret");
  });

  test.each([
    ["the wrong name", TEST_ROOT, "media.test", /ALTNAME|altnames/i],
    ["an unknown root", undefined, "loopback", /TLS: unable to verify|UNABLE_TO_VERIFY/i],
  ] as const)("%s: refused, and the server has read nothing", async (_what, root, certificate, text) => {
    const up = server({ certificate, ...answering(200) });
    const failed = await failure(call(egress(root), `https://127.0.0.1:${up.port}/v1`));
    expect([failed.reason, failed.message]).toEqual(["network", expect.stringMatching(text)]);
    await Bun.sleep(50);
    expect(up.received().join("")).toBe("");
  });

  test("an origin may name the address: the certificate of its name is wanted all the same", async () => {
    const up = server({ certificate: "media.test", ...answering(200) });
    const { pool } = egress(TEST_ROOT);
    const origin = { key: "x", secure: true, address: "127.0.0.1", port: up.port, authority: "media.test" };
    const good = pool.open({ ...origin, hostname: "media.test" });
    await good.ready;
    good.connection.destroy();
    await expect(pool.open({ ...origin, hostname: "elsewhere.test" }).ready).rejects.toThrow(/altname/i);
  });

  test("a server that never answers the handshake: the timeout ends the connection too", async () => {
    const closed: number[] = [];
    const silent = Bun.listen<undefined>({ hostname: "127.0.0.1", port: 0, socket: { data: () => {}, close: () => void closed.push(1) } });
    ends.push(() => silent.stop(true));
    const failed = await failure(call(egress(), `https://127.0.0.1:${silent.port}/`, { firstByteMs: 100 }));
    expect(failed.reason).toBe("timeout");
    await until(() => closed.length === 1);
  });
});

describe("kept connections", () => {
  test("one connection carries many requests", async () => {
    const up = server({ onData: (socket, request) => void (request.endsWith("{}") && socket.write(httpAnswer(200, {}, "ok"))) });
    const out = egress();
    for (let n = 0; n < 5; n += 1) expect((await call(out, `http://127.0.0.1:${up.port}/${n}`)).status).toBe(200);
    expect(up.connections.length).toBe(1);
    expect(up.received()[0]?.match(/POST \/\d/g)).toHaveLength(5);
  });

  test("a server that closes as the next request comes: replaced once by a new connection, and answered", async () => {
    const up = server({
      onData(socket, request) {
        if (request.split("POST ").length > 2) socket.terminate();
        else if (request.endsWith("{}")) socket.write(httpAnswer(200, {}, "ok"));
      },
    });
    const out = egress();
    expect((await call(out, `http://127.0.0.1:${up.port}/a`)).status).toBe(200);
    expect((await call(out, `http://127.0.0.1:${up.port}/b`)).status).toBe(200);
    expect(up.connections.length).toBe(2);
  });

  test("a new connection that is closed unanswered is not tried again: the vendor may have acted", async () => {
    const up = server({ onData: (socket) => socket.terminate() });
    const failed = await failure(call(egress(), `http://127.0.0.1:${up.port}/`));
    expect(failed.reason).toBe("network");
    expect(up.connections.length).toBe(1);
  });

  test("a kept connection that breaks within an answer is not replaced", async () => {
    const up = server({
      onData(socket, request) {
        if (request.split("POST ").length < 3) socket.write(httpAnswer(200, {}, "ok"));
        else {
          socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
          socket.end();
        }
      },
    });
    const out = egress();
    await call(out, `http://127.0.0.1:${up.port}/a`);
    expect((await failure(call(out, `http://127.0.0.1:${up.port}/b`))).reason).toBe("network");
    expect(up.connections.length).toBe(1);
  });

  test("an idle connection that the server closes is not used", async () => {
    const up = server(answering(200));
    const out = egress();
    await call(out, `http://127.0.0.1:${up.port}/a`);
    up.connections[0]?.end();
    await Bun.sleep(30);
    expect((await call(out, `http://127.0.0.1:${up.port}/b`)).status).toBe(200);
    expect(up.connections.length).toBe(2);
  });

  test("nothing is kept for another origin", async () => {
    const [a, b] = [server(answering(200)), server(answering(200))];
    const out = egress();
    await call(out, `http://127.0.0.1:${a.port}/`);
    await call(out, `http://127.0.0.1:${b.port}/`);
    expect([a.connections.length, b.connections.length]).toEqual([1, 1]);
  });
});

test("V31: redirects are not followed: the credential stays where it was sent", async () => {
  const other = server(answering(200));
  const up = server(answering(307, { location: `http://127.0.0.1:${other.port}/` }, ""));
  expect((await call(egress(), `http://127.0.0.1:${up.port}/`)).status).toBe(307);
  await Bun.sleep(20);
  expect(other.connections.length).toBe(0);
});

test("back-pressure: a paused call makes the server's sending stop, and resuming loses nothing", async () => {
  const SIZE = 64 * 1024 * 1024;
  const chunk = Buffer.alloc(64 * 1024, "x");
  const state = { written: 0 };
  const pump = (socket: Bun.Socket<unknown>): void => {
    while (state.written < SIZE) {
      const count = socket.write(chunk.subarray(0, Math.min(chunk.length, SIZE - state.written)));
      if (count <= 0) return;
      state.written += count;
    }
  };
  const listener = Bun.listen<undefined>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket) {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${SIZE}\r\n\r\n`);
        pump(socket);
      },
      drain: pump,
    },
  });
  ends.push(() => listener.stop(true));
  const answer = await call(egress(), `http://127.0.0.1:${listener.port}/`, { stream: true });
  answer.pause();
  let taken = 0;
  const done = Promise.withResolvers<void>();
  answer.consume({ data: (piece) => void (taken += piece.length), end: done.resolve, fail: done.reject, tick: () => {} });
  await Bun.sleep(150);
  const stoppedAt = state.written;
  await Bun.sleep(150);
  // What the two sides' socket buffers hold, and no more, has left the server.
  expect([state.written === stoppedAt, stoppedAt < SIZE / 2]).toEqual([true, true]);
  answer.resume();
  await done.promise;
  expect(taken).toBe(SIZE);
});

test("a large body, more than a socket takes at once, arrives whole and in order", async () => {
  const body = Buffer.alloc(8 * 1024 * 1024);
  for (let at = 0; at < body.length; at += 4) body.writeUInt32BE(at, at);
  const seen: { head: string; hash: string } = { head: "", hash: "" };
  const pieces: Buffer[] = [];
  const listener = Bun.listen<undefined>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => {
        // Nothing is read for a while: the first write cannot take all.
        socket.pause();
        setTimeout(() => socket.resume(), 100);
      },
      data(socket, bytes) {
        pieces.push(Buffer.from(bytes));
        const all = pieces.reduce((sum, piece) => sum + piece.length, 0);
        if (all < body.length) return;
        const whole = Buffer.concat(pieces);
        const start = whole.indexOf("\r\n\r\n") + 4;
        if (whole.length - start < body.length) return;
        seen.head = whole.toString("latin1", 0, start);
        seen.hash = Bun.SHA256.hash(whole.subarray(start), "hex");
        socket.write(httpAnswer(200, {}, "ok"));
      },
    },
  });
  ends.push(() => listener.stop(true));
  expect((await call(egress(), `http://127.0.0.1:${listener.port}/`, { body })).status).toBe(200);
  expect(seen).toEqual({ head: expect.stringContaining(`content-length: ${body.length}\r\n`), hash: Bun.SHA256.hash(body, "hex") });
});

describe("V03: nothing that a header's value holds can add a field or a request", () => {
  test.each(["a\r\nx-admin: 1", "a\nb", "a\rb", "a\0b"])("%j is refused before a connection is made", async (value) => {
    const up = server(answering(200));
    const failed = await failure(call(egress(), `http://127.0.0.1:${up.port}/`, { headers: { "x-note": value } }));
    expect(failed.reason).toBe("network");
    expect(failed.message).toContain("line break");
    await Bun.sleep(10);
    expect(up.connections.length).toBe(0);
  });

  test("a name with a line break too; a path is encoded", () => {
    const request: WireRequest = { method: "GET", url: "http://x/", headers: { "a\r\nb": "c" } };
    expect(() => requestHead(request, "x", "/")).toThrow("line break");
  });

  test("spaces, line breaks and letters in a path are encoded", async () => {
    const up = server(answering(200));
    const heard = Promise.withResolvers<void>();
    const { pool } = egress();
    send(
      { method: "GET", url: `http://127.0.0.1:${up.port}/a b/é?q=\r\nx: y HTTP/1.1`, headers: {} },
      { head: () => {}, piece: () => {}, end: () => heard.resolve(), broken: (message) => heard.reject(new Error(message)) },
      pool,
    );
    await heard.promise;
    expect(up.received()[0]?.split("\r\n")[0]).toBe("GET /a%20b/%C3%A9?q=x:%20y%20HTTP/1.1 HTTP/1.1");
  });
});
