import { createHash } from "node:crypto";
import { objectOf } from "../../dialects/canonical/fields.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Task } from "../../tasks/task.ts";
import type { MediaCall, MediaTools } from "./family.ts";
import { table } from "../../table.ts";

/** What a button does and which model's price is paid for it, by its id (Discord's component ids, as the proxies pass them on). */
const BUTTONS: readonly [pattern: RegExp, action: string, model: string][] = [
  [/::upsample|::video_virtual_upscale/, "UPSCALE", "mj_upscale"],
  [/::(?:low_|high_)?variation::/, "VARIATION", "mj_variation"],
  [/::pan_/, "PAN", "mj_pan"],
  [/::reroll::|::Retry/, "REROLL", "mj_reroll"],
  [/::Outpaint::/, "ZOOM", "mj_zoom"],
  [/::CustomZoom::/, "CUSTOM_ZOOM", "mj_custom_zoom"],
  [/::Inpaint::/, "INPAINT", "mj_inpaint"],
  [/::animate_/, "VIDEO", "mj_video"],
  [/::(?:PicReader|PromptAnalyzer)::/, "IMAGINE", "mj_imagine"],
];

/** A button's action and model; throws GatewayError for one that is not known. `param`: the member that names it. */
export function buttonOf(customId: string, param: string): { action: string; model: string } {
  const [, action, model] = BUTTONS.find(([pattern]) => pattern.test(customId)) ?? [];
  if (action === undefined || model === undefined) throw new GatewayError("invalidRequest", { publicText: `"${param}" is a button that does nothing here: unknown_action.`, param });
  return { action, model };
}

/** Whether Midjourney made it, whatever door it was ordered at: its doors show such, and change them. */
export const isMidjourneys = ({ family, model }: Pick<Task, "family" | "model">): boolean => family === "mj" || model.startsWith("mj_");

/** Buttons of a grid that do what a change by place does (Discord's component ids, as the proxies pass them on). */
const BY_PLACE = /^MJ::JOB::(upsample|variation|reroll)::(\d)::/i;
const ACTIONS: Readonly<Record<string, string>> = table({ upsample: "UPSCALE", variation: "VARIATION", reroll: "REROLL" });

/** Which change of a task of Midjourney's an order is, whatever form it is asked in: by place (`change`, `simple-change`, `index`) or by button (`action`, `custom_id`). Undefined: neither is named. */
export function changeOf({ id }: Pick<Task, "id">, action: string, { index, customId }: { index?: unknown; customId?: unknown }): string | undefined {
  if (typeof customId === "string" && customId !== "") {
    const [, button = "", place] = BY_PLACE.exec(customId) ?? [];
    return button === "" ? `${id} ${customId}` : placed(id, ACTIONS[button.toLowerCase()] ?? "", Number(place));
  }
  // A window is confirmed once, whatever with.
  if (action === "ACTION") return `${id} MODAL`;
  if (action === "REROLL") return placed(id, action, 0);
  return typeof index === "number" ? placed(id, action, index) : undefined;
}

const placed = (id: string, action: string, index: number): string => `${id} ${action} ${index}`;
/** An upscale of a picture is the same picture each time, and a window opens once; all else is drawn anew. */
const isSameEachTime = (change: string): boolean => / (?:UPSCALE \d|MODAL)$/.test(change);

/** Whether a task is a window that waits to be confirmed. */
export const isModal = ({ answer, finished_at: ended }: Pick<Task, "answer" | "finished_at">): boolean => ended === null && objectOf(answer)["status"] === "MODAL";

/** Refuses a button that its task has not. Throws GatewayError; `param`: the member that names it. */
export function checkButton({ answer }: Pick<Task, "answer">, customId: string, param: string): void {
  const { buttons } = objectOf(answer);
  if (Array.isArray(buttons) && !buttons.some((button) => objectOf(button)["customId"] === customId)) throw new GatewayError("invalidRequest", { publicText: `"${param}" is no button of that task.`, param });
}

/**
 * Orders a change once, whatever door it was asked at before: who asks again for an upscale that is there, or for any change that is under way, gets that task and pays nothing. `order` keeps `change` in what it has seen (`seen`)
 * and takes the headers that it is given. Rejects with GatewayError as `order` does.
 */
export async function changedOnce<Answer>({ change, parent }: { change: string; parent: Task }, call: MediaCall, { tasks }: MediaTools, order: (headers: MediaCall["headers"]) => Promise<Answer>): Promise<{ known: Task } | { made: Answer }> {
  const same = async (): Promise<Task[]> => (await tasks.followUps(call.key, parent.id)).filter(({ request }) => request.seen?.["change"] === change);
  // One that the caller has deleted is there no more.
  const stands = ({ state, finished_at: ended, deleted_at: deleted }: Task): boolean => deleted === null && (ended === null || (state === "SUCCESS" && isSameEachTime(change)));
  const alike = await same();
  const known = alike.find(stands);
  if (known) return { known };
  // Of several that come at one moment the database takes one: each try of this change has one name, that of who comes after the last one.
  const name = createHash("sha256").update(`${change} ${alike[0]?.id ?? ""}`).digest("hex");
  try {
    return { made: await order({ ...call.headers, "idempotency-key": call.headers["idempotency-key"] ?? name }) };
  } catch (error) {
    const first = error instanceof GatewayError && error.gatewayErrorName === "conflict" ? (await same()).find(stands) : undefined;
    if (first) return { known: first };
    throw error;
  }
}
