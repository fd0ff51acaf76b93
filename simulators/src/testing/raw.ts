/** A client made of bare bytes, for tests of what really goes over the wire. */

/** What came back on a bare connection. */
export interface RawAnswer {
  /** all bytes, as Latin-1 text, head included */
  text: string;
  /** body with chunked framing removed, as UTF-8 text */
  body: string;
  /** one entry per chunk, as Latin-1 text */
  chunks: string[];
  /** how it ended: "complete" (last chunk or whole content-length came), "reset" (closed before that), or "open" when the test's patience ran out */
  ending: "complete" | "reset" | "open";
}

function dechunk(raw: string): { chunks: string[]; complete: boolean } {
  const chunks: string[] = [];
  for (let at = 0; ;) {
    const line = raw.indexOf("\r\n", at);
    if (line === -1) return { chunks, complete: false };
    const size = Number.parseInt(raw.slice(at, line), 16);
    if (size === 0) return { chunks, complete: true };
    if (line + 2 + size > raw.length) return { chunks, complete: false };
    chunks.push(raw.slice(line + 2, line + 2 + size));
    at = line + 4 + size;
  }
}

/** Takes a sandbox's address, a path, a body and headers; sends a POST and gives what came back within `patience` ms. */
export function rawPost(
  url: string,
  path: string,
  body: object,
  headers: Record<string, string>,
  patience = 2000,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const payload = JSON.stringify(body);
  const lines = Object.entries({
    host: "sandbox",
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(payload)),
    ...headers,
  });
  const head = `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  return new Promise((resolve, reject) => {
    let text = "";
    const finish = (closed: boolean): void => {
      clearTimeout(timer);
      const at = text.indexOf("\r\n\r\n");
      const rest = text.slice(at + 4);
      const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, at));
      const { chunks, complete } = length
        ? { chunks: [rest], complete: rest.length >= Number(length[1]) }
        : dechunk(rest);
      const whole = Buffer.from(chunks.join(""), "latin1").toString("utf8");
      resolve({ text, body: whole, chunks, ending: complete ? "complete" : closed ? "reset" : "open" });
    };
    const timer = setTimeout(() => finish(false), patience);
    Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        open: (socket) => void socket.write(head + payload),
        data(socket, bytes) {
          text += bytes.toString("latin1");
          if (text.endsWith("\r\n0\r\n\r\n") || (/content-length: (\d+)/i.test(text) && isWhole(text))) {
            finish(false);
            socket.end();
          }
        },
        close: () => finish(true),
        error: () => finish(true),
      },
    }).catch(reject);
  });
}

function isWhole(text: string): boolean {
  const at = text.indexOf("\r\n\r\n");
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, at));
  return at !== -1 && length !== null && text.length - at - 4 >= Number(length[1]);
}
