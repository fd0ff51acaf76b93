/** Keeps the last exchanges, within bounds, and hands each one that ends to the totals. */
import { ANSWER_KEPT, type Exchange } from "./exchange.ts";
import { totals, type Totals } from "./totals.ts";

/** Exchanges kept at most. */
const EXCHANGES_MAX = 5000;
/** Bytes of bodies and answers kept at most, over all exchanges (128 MiB). */
const BYTES_MAX = 128 * 1024 * 1024;

/** Which exchanges are wanted. */
export interface ExchangeQuery {
  vendor?: string;
  id?: string;
  /** only those with a higher sequence number */
  since?: number;
  /** at most this many, the latest ones */
  limit?: number;
}

/** Keeps exchanges. */
export interface Journal {
  totals: Totals;
  /** Takes a new exchange; keeps it. */
  open(exchange: Exchange): void;
  /** Takes bytes that were written; notes them. */
  wrote(exchange: Exchange, bytes: Uint8Array | string): void;
  /** Takes a query; gives the exchanges, oldest first. */
  list(query: ExchangeQuery): Exchange[];
  clear(): void;
}

/** Gives an empty journal. */
export function journal(): Journal {
  let kept: Exchange[] = [];
  let bytes = 0;
  const sizeOf = (exchange: Exchange): number =>
    exchange.body.length + exchange.answerPieces.reduce((sum, piece) => sum + piece.length, 0);
  const trim = (): void => {
    let out = 0;
    while (kept.length - out > EXCHANGES_MAX || (bytes > BYTES_MAX && kept.length - out > 1)) {
      const oldest = kept[out];
      if (!oldest) break;
      bytes -= sizeOf(oldest);
      // a stream that is still running must not grow the sum after it has left
      oldest.answerTruncated = true;
      oldest.answerPieces = [];
      out += 1;
    }
    // dropping in lots keeps this cheap: moving the list costs as much as its length
    if (out > 0) kept = kept.slice(out);
  };
  return {
    totals: totals(),
    open(exchange) {
      kept.push(exchange);
      bytes += exchange.body.length;
      if (kept.length > EXCHANGES_MAX * 1.1 || bytes > BYTES_MAX) trim();
    },
    wrote(exchange, piece) {
      if (exchange.answerTruncated) return;
      const copy = Buffer.from(piece);
      if (exchange.answerLength > ANSWER_KEPT) {
        bytes -= exchange.answerPieces.reduce((sum, one) => sum + one.length, 0);
        exchange.answerTruncated = true;
        exchange.answerPieces = [];
        return;
      }
      bytes += copy.length;
      exchange.answerPieces.push(copy);
    },
    list({ vendor, id, since, limit }) {
      const found = kept
        .slice(-EXCHANGES_MAX)
        .filter(
          (one) =>
            (vendor === undefined || one.vendor === vendor) &&
            (id === undefined || one.id === id) &&
            (since === undefined || one.sequence > since),
        );
      return limit === undefined ? found : found.slice(-limit);
    },
    clear() {
      kept = [];
      bytes = 0;
    },
  };
}
