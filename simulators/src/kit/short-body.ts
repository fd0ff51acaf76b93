/**
 * Sends an answer that is shorter than its declared content-length and ends with an orderly close: what a proxy that dies politely
 * leaves behind, and what a careless client takes for a whole answer. Bun.serve always declares the true length, so the
 * bytes go past it, straight into the connection's descriptor, which Linux lets a process look up.
 */
import { dlopen } from "bun:ffi";
import { readdirSync, readFileSync, readlinkSync, writeSync } from "node:fs";

/** Both directions (POSIX: SHUT_RDWR). */
const BOTH_WAYS = 2;

const portText = (port: number): string => `:${port.toString(16).toUpperCase().padStart(4, "0")}`;

function descriptorOf(localPort: number, remotePort: number): number | undefined {
  const lines = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => readFileSync(file, "utf8").split("\n"));
  const fields = lines.map((line) => line.trim().split(/\s+/));
  // columns of /proc/net/tcp: number, local address, remote address, ... tenth: inode
  const inode = fields.find(
    (one) => one[1]?.endsWith(portText(localPort)) && one[2]?.endsWith(portText(remotePort)),
  )?.[9];
  const found = readdirSync("/proc/self/fd").find((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`) === `socket:[${inode}]`;
    } catch {
      return false; // closed since it was listed
    }
  });
  return found === undefined ? undefined : Number(found);
}

/** Takes the connection's two ports and the bytes; sends them and closes. Gives false where this cannot be done. */
export function sendAndClose(localPort: number, remotePort: number, bytes: Uint8Array): boolean {
  if (process.platform !== "linux") return false;
  try {
    const descriptor = descriptorOf(localPort, remotePort);
    if (descriptor === undefined) return false;
    const libc = dlopen("libc.so.6", { shutdown: { args: ["int", "int"], returns: "int" } });
    writeSync(descriptor, bytes);
    libc.symbols.shutdown(descriptor, BOTH_WAYS);
    libc.close();
    return true;
  } catch {
    return false; // another libc, or no /proc: the caller has a second way
  }
}

/** Takes a status, headers, the whole body and how much of it to send; gives the head and that part as bytes. */
export function shortAnswer(
  status: number,
  headers: Record<string, string>,
  body: Uint8Array,
  length: number,
): Uint8Array {
  const lines = Object.entries({ ...headers, "content-length": String(body.length) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return new Uint8Array(
    Buffer.concat([Buffer.from(`HTTP/1.1 ${status} OK\r\n${lines.join("")}\r\n`), body.subarray(0, length)]),
  );
}
