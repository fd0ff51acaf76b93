import type { Task } from "../../tasks/task.ts";
import { WAIT_SECONDS_MAX } from "../../tasks/tasks.ts";
import type { MediaCall, MediaTools } from "./family.ts";

/** A comment this often keeps lines open that proxies would close. */
const KEEP_ALIVE_MS = 15_000;

/** One event (https://html.spec.whatwg.org/multipage/server-sent-events.html); a text of several lines has as many lines of data. */
export const eventOf = (name: string, data: string): string => `event: ${name}\n${data.split("\n").map((line) => `data: ${line}\n`).join("")}\n`;

/** A task that the caller may see, as it changes, as server-sent events, until it has ended; `show` gives what is to be said of it as it is now (`eventOf`), which is not said twice. */
export function events(call: Pick<MediaCall, "left">, first: Task, tools: MediaTools, show: (task: Task) => string): Response {
  let closed = false;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const say = (text: string): void => {
        if (!closed) controller.enqueue(encoder.encode(text));
      };
      const keepAlive = setInterval(() => say(": still here\n\n"), KEEP_ALIVE_MS);
      try {
        let task: Task | undefined = first;
        let last = "";
        while (task && !closed && !call.left()) {
          const shown = show(task);
          if (shown !== last && shown !== "") say(shown);
          last = shown;
          // Who is cut off by our end asks again, and finds another process.
          if (task.finished_at !== null || tools.tasks.stopping) break;
          task = await tools.tasks.next({ userId: Number(first.user_id) }, task, WAIT_SECONDS_MAX, () => closed || call.left());
        }
      } finally {
        clearInterval(keepAlive);
        if (!closed) controller.close();
        closed = true;
      }
    },
    cancel() {
      closed = true;
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" } });
}
