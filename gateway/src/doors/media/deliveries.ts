import type { MediaAnswer, MediaCall, MediaTools } from "./family.ts";
import { found } from "./order.ts";

/** `GET /task/{id}/deliveries`: how the caller's own address was told of the task. */
export async function deliveries(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const task = await found(call, call.params["id"] ?? "", tools);
  const rows = await tools.tasks.deliveries(task.id);
  return {
    json: {
      data: rows.map((row) => ({
        id: row.id, url: row.url, status: row.state, attempts: row.attempts, response_status: row.status, error: row.error,
        created_at: Math.floor(row.created_at.getTime() / 1000),
        delivered_at: row.delivered_at && Math.floor(row.delivered_at.getTime() / 1000),
        given_up_at: row.given_up_at && Math.floor(row.given_up_at.getTime() / 1000),
      })),
    },
  };
}
