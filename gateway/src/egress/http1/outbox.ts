/** What has something to write. */
export interface Sender {
  writeOut(): void;
}

let waiting: Sender[] = [];

/**
 * Lets `sender` write when this turn of the event loop is over, together with all others of the turn. A write to a peer that sleeps must wake it, which costs more than the write itself; of writes
 * that follow each other at once only the first does. Measured at 64 connections: see ARCHITECTURE.md.
 */
export function writeWithTurn(sender: Sender): void {
  if (waiting.push(sender) === 1) setImmediate(writeAll);
}

function writeAll(): void {
  const senders = waiting;
  waiting = [];
  for (const sender of senders) sender.writeOut();
}
