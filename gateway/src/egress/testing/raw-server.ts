import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Socket, TCPSocketListener } from "bun";

const pem = (name: string): string => readFileSync(join(import.meta.dir, "certificates", name), "utf8");

/** The root that signed the certificates of `certificates/`. */
export const TEST_ROOT = pem("root.pem");

interface Peer {
  /** its number among the connections of the server, from 0 */
  number: number;
  received: string;
}

export type RawSocket = Socket<Peer>;

/** A server below HTTP: what it receives is kept, what it sends is written by the test. */
export interface RawServer {
  host: string;
  port: number;
  connections: RawSocket[];
  /** what each connection has sent (latin1) */
  received(): string[];
  stop(): void;
}

export interface RawOptions {
  hostname?: string;
  /** speak TLS with this certificate of `certificates/` */
  certificate?: "media.test" | "loopback";
  /** Called with each piece that came; `request`: all that came over this connection. */
  onData?(socket: RawSocket, request: string): void;
  onOpen?(socket: RawSocket): void;
}

export function rawServer(options: RawOptions = {}): RawServer {
  const connections: RawSocket[] = [];
  const { certificate, hostname = "127.0.0.1" } = options;
  const listener: TCPSocketListener<Peer> = Bun.listen<Peer>({
    hostname,
    port: 0,
    data: { number: 0, received: "" },
    ...(certificate === undefined ? {} : { tls: { cert: pem(`${certificate}.pem`), key: pem(`${certificate}.key`) } }),
    socket: {
      open(socket) {
        socket.data = { number: connections.length, received: "" };
        connections.push(socket);
        options.onOpen?.(socket);
      },
      data(socket, bytes) {
        socket.data.received += bytes.toString("latin1");
        options.onData?.(socket, socket.data.received);
      },
    },
  });
  return {
    host: hostname,
    port: listener.port,
    connections,
    received: () => connections.map((socket) => socket.data.received),
    stop: () => listener.stop(true),
  };
}

/** An answer of HTTP/1.1 with a length. */
export const httpAnswer = (status: number, headers: Record<string, string>, body: Buffer | string = ""): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status} X\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("")}content-length: ${Buffer.byteLength(body)}\r\n\r\n`, "latin1"),
    Buffer.from(body),
  ]);
