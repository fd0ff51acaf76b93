import type { Sent } from "./attempt.ts";
import type { Bill } from "./bill.ts";
import type { RelayCall, RelayServices } from "./call.ts";

/**
 * The answer is complete: the buffer of the request's body may serve another, where it is sure that nobody looks at it any more. Who translates, converts, remembers or captures a request may keep parts of it,
 * and after a failed attempt somebody else may still have it; such a buffer is left to the collector.
 */
export function giveBackBody(call: RelayCall, sent: Sent, bill: Bill, services: RelayServices): void {
  if (sent.translation || sent.conversion || call.observer || call.key.captureDays !== undefined || bill.attempts.length !== 1) return;
  if (sent.call.bodyIsOver()) services.largeBuffers.giveBack(call.body);
}
