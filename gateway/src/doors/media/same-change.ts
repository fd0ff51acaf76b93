import { GatewayError } from "../../errors/gateway-error.ts";
import type { Task } from "../../tasks/task.ts";
import type { MediaCall, MediaTools } from "./family.ts";

/** Buttons of a grid that do what a change by place does (Discord's component ids, as the proxies pass them on). */
const BY_PLACE = /^MJ::JOB::(upsample|variation|reroll)::(\d)::/i;
const ACTIONS: Readonly<Record<string, string>> = { upsample: "UPSCALE", variation: "VARIATION", reroll: "REROLL" };

/** Which change of a task of Midjourney's an order is, whatever form it is asked in: by place (`change`, `simple-change`, `index`) or by button (`action`, `custom_id`). Undefined: neither is named. */
export function changeOf({ id }: Pick<Task, "id">, action: string, { index, customId }: { index?: unknown; customId?: unknown }): string | undefined {
  if (typeof customId === "string" && customId !== "") {
    const [, button = "", place] = BY_PLACE.exec(customId) ?? [];
    return button === "" ? `${id} ${customId}` : placed(id, ACTIONS[button.toLowerCase()] ?? "", Number(place));
  }
  if (action === "REROLL") return placed(id, action, 0);
  return typeof index === "number" ? placed(id, action, index) : undefined;
}

const placed = (id: string, action: string, index: number): string => `${id} ${action} ${index}`;
/** An upscale of a picture is the same picture each time; all else is drawn anew. */
const isSameEachTime = (change: string): boolean => / UPSCALE \d$/.test(change);

/**
 * Orders a change once: who asks again for an upscale that is there, or for any change that is under way, gets that task and pays nothing. `family`: of whose tasks it may be. `order` keeps `change` in what it has seen (`seen`) and
 * takes the headers that it is given. Rejects with GatewayError as `order` does.
 */
export async function changedOnce<Answer>({ change, parent, family }: { change: string; parent: Task; family?: string }, call: MediaCall, { tasks }: MediaTools, order: (headers: MediaCall["headers"]) => Promise<Answer>): Promise<{ known: Task } | { made: Answer }> {
  const same = async (): Promise<Task[]> => (await tasks.followUps(call.key, parent.id)).filter((task) => task.request.seen?.["change"] === change && (family === undefined || task.family === family));
  const stands = ({ state, finished_at: ended }: Task): boolean => ended === null || (state === "SUCCESS" && isSameEachTime(change));
  const alike = await same();
  const known = alike.find(stands);
  if (known) return { known };
  // Of several that come at one moment the database takes one: each try of this change has one name.
  try {
    return { made: await order({ ...call.headers, "idempotency-key": call.headers["idempotency-key"] ?? `${change} ${alike.length}` }) };
  } catch (error) {
    const first = error instanceof GatewayError && error.gatewayErrorName === "conflict" ? (await same()).find(stands) : undefined;
    if (first) return { known: first };
    throw error;
  }
}
