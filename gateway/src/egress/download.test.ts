import { afterAll, expect, test } from "bun:test";
import { systemClock } from "../clock/clock.ts";
import { Deadlines } from "./deadlines.ts";
import { Downloader } from "./download.ts";
import { FetchRules } from "./guarded/fetch-rules.ts";
import { ConnectionPool } from "./http1/pool.ts";
import { type RawServer, rawServer } from "./testing/raw-server.ts";

const egress = { pool: new ConnectionPool(systemClock), deadlines: new Deadlines(systemClock), clock: systemClock };
const downloader = new Downloader(egress, new FetchRules(["127.0.0.1"]));
const servers: RawServer[] = [];
afterAll(() => {
  for (const server of servers) server.stop();
  egress.pool.close();
});

/** Answers the n-th connection with what `answers` has; the socket is closed after it. */
function serve(...answers: string[]): RawServer {
  const server = rawServer({
    onData(socket, request) {
      if (!request.endsWith("\r\n\r\n")) return;
      socket.write(answers[socket.data.number] ?? "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n");
      socket.end();
    },
  });
  servers.push(server);
  return server;
}
const read = (server: RawServer, bytesMax = 1_000): Promise<string> =>
  downloader.download(`http://127.0.0.1:${server.port}/f`, { bytesMax, totalMs: 10_000 }, undefined, async ({ bytes }) => {
    let text = "";
    for await (const piece of bytes) text += Buffer.from(piece).toString("latin1");
    return text;
  });
const head = (more: string): string => `HTTP/1.1 ${more}\r\n\r\n`;

test("a download that breaks off goes on where it was", async () => {
  const server = serve(`${head('200 OK\r\ncontent-length: 10\r\naccept-ranges: bytes\r\netag: "a"')}0123`, `${head('206 Partial Content\r\ncontent-range: bytes 4-9/10\r\ncontent-length: 6\r\netag: "a"')}456`, `${head("206 Partial Content\r\ncontent-range: bytes 7-9/10\r\ncontent-length: 3")}789`);
  expect(await read(server)).toBe("0123456789");
  expect(server.received().map((text) => [/range: (\S+)/i.exec(text)?.[1], /if-range: (\S+)/i.exec(text)?.[1]])).toEqual([[undefined, undefined], ["bytes=4-", '"a"'], ["bytes=7-", '"a"']]);
});

test("another file in its place, a server without ranges or without a strong mark: it fails, and no two halves are put together", async () => {
  const begun = (marks: string): string => `${head(`200 OK\r\ncontent-length: 10${marks}`)}0123`;
  const ranges = "\r\naccept-ranges: bytes";
  const whole = `${head('200 OK\r\ncontent-length: 10\r\netag: "b"')}abcdefghij`;
  for (const [first, asked] of [[begun(`${ranges}\r\netag: "a"`), 2], [begun(""), 1], [begun(`${ranges}\r\netag: W/"a"`), 1]] as const) {
    const server = serve(first, whole);
    expect(await read(server).then(() => "read", (error: { gatewayErrorName: string }) => error.gatewayErrorName)).toBe("mediaDownload");
    expect(server.connections).toHaveLength(asked);
  }
});

test("the limit counts the parts together", async () => {
  const server = serve(`${head('200 OK\r\ntransfer-encoding: chunked\r\naccept-ranges: bytes\r\netag: "a"')}4\r\n0123\r\n`, `${head("206 Partial Content\r\ncontent-range: bytes 4-30/31\r\ntransfer-encoding: chunked")}8\r\n45678901\r\n0\r\n\r\n`);
  expect(await read(server, 10).then(() => "read", (error: { gatewayErrorName: string }) => error.gatewayErrorName)).toBe("mediaTooLarge");
});

test("K22: a large file waits at its server while what came is not taken: memory does not grow with it", async () => {
  const size = 96 * 1024 * 1024;
  let sent = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(new ReadableStream({ pull(controller) {
      if (sent >= size) return controller.close();
      controller.enqueue(new Uint8Array(1024 * 1024));
      sent += 1024 * 1024;
    } }, { highWaterMark: 0 })),
  });
  let read = 0;
  await downloader.download(`http://127.0.0.1:${server.port}/f`, { bytesMax: size, totalMs: 60_000 }, undefined, async ({ bytes }) => {
    for await (const piece of bytes) {
      if (read === 0) {
        await Bun.sleep(600);
        expect(sent).toBeLessThan(size / 2);
      }
      read += piece.length;
    }
  });
  expect(read).toBe(size);
  await server.stop(true);
});
