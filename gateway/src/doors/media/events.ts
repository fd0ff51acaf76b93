import type { Task } from "../../tasks/task.ts";
import { WAIT_SECONDS_MAX } from "../../tasks/tasks.ts";
import type { MediaCall, MediaTools } from "./family.ts";
import { found } from "./order.ts";

/** A comment this often keeps lines open that proxies would close. */
const KEEP_ALIVE_MS = 15_000;

/** `GET /task/{id}/events`: a task as it changes, as server-sent events, until it has ended. Each is the whole task in the normalised view. */
export async function events(call: MediaCall, tools: MediaTools, render: (task: Task) => object): Promise<Response> {
  const id = call.params["id"] ?? "";
  const first = await found({ ...call, query: new URLSearchParams() }, id, tools);
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
          const shown = JSON.stringify(render(task));
          const name = task.finished_at === null ? "progress" : "end";
          if (shown !== last) say(`event: ${name}\ndata: ${shown}\n\n`);
          last = shown;
          if (task.finished_at !== null) break;
          task = await tools.tasks.next(call.key, task, WAIT_SECONDS_MAX, () => closed || call.left());
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
