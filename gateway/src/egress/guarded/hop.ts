import type { AnswerHead } from "../http1/answer-head.ts";
import { ConnectError, type ConnectionPool } from "../http1/pool.ts";
import { requestHead, type WireRequest } from "../transport.ts";
import type { Stop } from "./stop.ts";
import type { Target } from "./target.ts";

/** Takes one answer. What it throws ends the hop with it. */
export interface HopReader {
  /** The connection, for a reader that stops the other side's sending while it has enough. */
  flows?(connection: { pause(): void; resume(): void }): void;
  /** Whether the body is wanted. */
  head(head: AnswerHead): boolean;
  piece(bytes: Buffer): void;
}

/** The connection or what came over it failed; the text is for the log. */
export class HopError extends Error {}

/**
 * One request to a target, over a connection of its own to one of the target's checked addresses: another one is tried only when no connection could be made. Rejects with HopError,
 * with what `reader` throws, or with the reason of `stop`. Whatever happens, the connection is gone at the end.
 */
export async function hop(request: Omit<WireRequest, "url">, target: Target, pool: ConnectionPool, reader: HopReader, stop: Stop): Promise<void> {
  let failure = new HopError("no address");
  for (const origin of target.origins) {
    const { connection, ready } = pool.open(origin);
    try {
      await stop.race(ready);
      reader.flows?.(connection);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const guarded = (work: () => void): void => {
        try {
          work();
        } catch (error) {
          reject(error);
          connection.destroy();
        }
      };
      connection.send(requestHead({ ...request, url: "" }, origin.authority, target.path), request.body, {
        head: (head) =>
          guarded(() => {
            if (reader.head(head)) return;
            resolve();
            connection.destroy();
          }),
        piece: (bytes) => guarded(() => reader.piece(bytes)),
        end: resolve,
        broken: (message) => reject(new HopError(message)),
      });
      return await stop.race(promise);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      failure = new HopError(error.message);
    } finally {
      connection.destroy();
    }
  }
  throw failure;
}
