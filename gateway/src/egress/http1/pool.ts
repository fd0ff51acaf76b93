import type { Socket } from "bun";
import type { Clock } from "../../clock/clock.ts";
import { Connection } from "./connection.ts";

/** An unused connection is closed after this: shorter than the common servers' and balancers' own limit of 60 s, so that we are first. */
const IDLE_MS_MAX = 20_000;
/** A vendor that does not take a connection (and its TLS handshake) within this is tried elsewhere: round trips of half a second and two lost packets fit in. */
const CONNECT_MS_MAX = 10_000;
/** How often unused connections are looked through. */
const SWEEP_MS = 5_000;

/** No connection could be made. */
export class ConnectError extends Error {}

/** Where requests go: the part of a URL before its path. */
export interface Origin {
  /** what the pool knows it by */
  key: string;
  secure: boolean;
  /** the name whose certificate is wanted, and which is resolved unless `address` is given */
  hostname: string;
  /** the IP address to connect to, where it was resolved and checked before */
  address?: string;
  port: number;
  /** the `host` header's value */
  authority: string;
}

/** The origin of an http or https URL. */
export function originOf(url: URL): Origin {
  const secure = url.protocol === "https:";
  return {
    key: url.origin,
    secure,
    hostname: url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname,
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    authority: url.host,
  };
}

/** Kept-alive connections per origin, the last used first. Certificates are checked against the host's name. */
export class ConnectionPool {
  private readonly idle = new Map<string, Connection[]>();
  private sweeper: ReturnType<typeof setInterval> | undefined;

  /** `certificateAuthority`: PEM of further roots to trust, for tests and private networks. */
  constructor(
    private readonly clock: Clock,
    private readonly certificateAuthority?: string,
  ) {}

  /** A connection kept from an earlier request, if there is one. */
  kept(origin: Origin): Connection | undefined {
    return this.idle.get(origin.key)?.pop();
  }

  /**
   * A new connection, which carries requests once `ready` has resolved. `ready` rejects with ConnectError. Destroying the connection before that gives it up, so that a server
   * that is silent in the TLS handshake holds no socket.
   */
  open(origin: Origin): { connection: Connection; ready: Promise<void> } {
    const connection = new Connection(
      (free) => this.keep(origin.key, free),
      (lost) => this.drop(origin.key, lost),
    );
    return { connection, ready: this.ready(origin, connection) };
  }

  /** Closes what is unused. */
  close(): void {
    clearInterval(this.sweeper);
    this.sweeper = undefined;
    for (const connections of this.idle.values()) for (const connection of connections.slice()) connection.destroy();
    this.idle.clear();
  }

  private async ready(origin: Origin, connection: Connection): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new ConnectError("cannot connect: no answer in time")), CONNECT_MS_MAX);
    try {
      await Promise.race([origin.secure ? this.openSecure(origin, connection) : this.openPlain(origin, connection), late.promise]);
    } catch (error) {
      connection.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  private async openPlain(origin: Origin, connection: Connection): Promise<void> {
    try {
      await Bun.connect<Connection>({ hostname: origin.address ?? origin.hostname, port: origin.port, data: connection, socket: { ...EVENTS, open: (socket) => connection.opened(socket) } });
    } catch (error) {
      throw connectError(error);
    }
  }

  private async openSecure(origin: Origin, connection: Connection): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    Bun.connect<Connection>({
      hostname: origin.address ?? origin.hostname,
      port: origin.port,
      data: connection,
      tls: { serverName: origin.hostname, rejectUnauthorized: true, ...(this.certificateAuthority === undefined ? {} : { ca: this.certificateAuthority }) },
      socket: {
        ...EVENTS,
        open: (socket) => connection.opened(socket),
        // Bun ends the connection of a certificate that does not hold, but tells us first: nothing is written before this says yes.
        handshake: (socket, success, verifyError) => {
          if (success && !verifyError && socket.authorized) return resolve();
          reject(new ConnectError(`TLS: ${verifyError?.message ?? "the handshake failed"}`));
          connection.destroy();
        },
        close: (socket, error) => {
          reject(new ConnectError("closed during the TLS handshake"));
          EVENTS.close(socket, error);
        },
      },
    }).catch((error: unknown) => reject(connectError(error)));
    await promise;
  }

  private keep(key: string, connection: Connection): void {
    connection.idleSince = this.clock.monotonic();
    const kept = this.idle.get(key);
    if (kept) kept.push(connection);
    else this.idle.set(key, [connection]);
    if (this.sweeper) return;
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS);
    this.sweeper.unref();
  }

  private drop(key: string, connection: Connection): void {
    const kept = this.idle.get(key);
    const index = kept?.indexOf(connection) ?? -1;
    if (index >= 0) kept?.splice(index, 1);
  }

  private sweep(): void {
    const oldest = this.clock.monotonic() - IDLE_MS_MAX;
    for (const [key, connections] of this.idle) {
      for (const connection of connections.filter((each) => each.idleSince < oldest)) connection.destroy();
      if (connections.length === 0) this.idle.delete(key);
    }
    if (this.idle.size > 0) return;
    clearInterval(this.sweeper);
    this.sweeper = undefined;
  }
}

type BunSocket = Socket<Connection>;

/** Bun's events, told to the connection that the socket carries. */
const EVENTS = {
  binaryType: "buffer" as const,
  data: (socket: BunSocket, bytes: Buffer): void => socket.data.data(bytes),
  drain: (socket: BunSocket): void => socket.data.drained(),
  end: (socket: BunSocket): void => socket.data.closed("the vendor closed the connection"),
  close: (socket: BunSocket, error?: Error): void => socket.data.closed(error?.message ?? "the connection was closed"),
  error: (socket: BunSocket, error: Error): void => socket.data.closed(error.message),
};

function connectError(error: unknown): ConnectError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return new ConnectError(`cannot connect: ${code || (error instanceof Error ? error.message : String(error))}`);
}
