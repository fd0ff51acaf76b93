import { createHmac, timingSafeEqual } from "node:crypto";
import type { Task } from "./task.ts";

/** What the token is for; another use of the same secret takes another label. */
const LABEL = "events of a task";

/** What opens the events of one task to whoever has it, and nothing else: for clients that read events without a key, as browsers' EventSource does. Made of the task's own secret, which it does not show (HMAC-SHA256, base64url). */
export const eventTokenOf = ({ callback_token: secret }: Pick<Task, "callback_token">): string => createHmac("sha256", secret).update(LABEL).digest("base64url");

/** Whether a token is that of the task's events. Takes as long for a wrong one as for the right one. */
export function isEventToken(given: string, task: Pick<Task, "callback_token">): boolean {
  const [theirs, ours] = [Buffer.from(given), Buffer.from(eventTokenOf(task))];
  return theirs.length === ours.length && timingSafeEqual(theirs, ours);
}
