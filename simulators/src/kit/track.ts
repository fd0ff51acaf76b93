/** Notes on one running exchange what goes out. */
import type { Exchange } from "./exchange.ts";
import type { Journal } from "./journal.ts";
import type { JsonObject } from "./json.ts";
import type { Frame } from "./vendor.ts";

/** How one exchange is followed. */
export interface Track {
  readonly exchange: Exchange;
  /** Takes bytes that were written to the socket. */
  wrote(bytes: Uint8Array | string): void;
  /** Takes a frame that was written whole and unharmed. */
  sent(frame: Frame): void;
  /** Takes whether the answer reached its proper end; closes the exchange. Later calls do nothing. */
  finish(completed: boolean): void;
}

/** Takes an exchange, where to keep it, whether single exchanges are recorded, and the clock; gives its track. */
export function trackOf(exchange: Exchange, journal: Journal, recorded: boolean, now: () => number): Track {
  const hasher = recorded ? new Bun.CryptoHasher("sha256") : undefined;
  let usage: (() => JsonObject) | undefined;
  return {
    exchange,
    wrote(bytes) {
      if (!hasher) return;
      exchange.answerLength += typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length;
      hasher.update(bytes);
      journal.wrote(exchange, bytes);
    },
    sent(frame) {
      if (frame.kind === "content") exchange.contentTokens += frame.tokens ?? 1;
      if (frame.usage) usage = frame.usage;
    },
    finish(completed) {
      if (exchange.finishedAt !== undefined) return;
      exchange.finishedAt = now();
      exchange.completed = completed && exchange.abortedAt === undefined;
      if (usage) exchange.usage = usage();
      if (hasher) exchange.answerSha256 = hasher.digest("hex");
      journal.totals.add(exchange);
    },
  };
}
