import { nanoToQuota } from "../../catalog/money.ts";
import type { TaskState } from "../../store/schema.ts";
import { tasksById } from "../../store/queries/tasks.ts";
import type { TaskFilter, TaskListed } from "../../store/queries/task-lists.ts";
import { taskOf } from "../../tasks/task.ts";
import type { ApiServices } from "../api/services.ts";
import { midjourney } from "../media/midjourney.ts";
import { percent, startOf } from "../media/seconds.ts";
import { secondsOf } from "./family.ts";
import { numberOf } from "./log-view.ts";
import { namesOf } from "./names.ts";

type ShownState = Exclude<TaskState, "CANCELLED">;

/** The states that are shown as one: a cancelled task is a failed one. */
export const statesShownAs = (state: ShownState): TaskState[] => (state === "FAILURE" ? ["FAILURE", "CANCELLED"] : [state]);

/** Tasks as the System API lists them. */
export async function taskViews({ db }: ApiServices, rows: readonly TaskListed[]): Promise<ReturnType<typeof taskView>[]> {
  const { keys } = await namesOf(db, rows);
  return rows.map((row) => taskView(row, keys.get(row.key_id) ?? ""));
}

/** What a task costs: its charge, or what is held for it. */
const costOf = ({ phase, charge_nano, hold_nano }: Pick<TaskListed, "phase" | "charge_nano" | "hold_nano">): number => Number(nanoToQuota(BigInt(phase === "ended" ? charge_nano : hold_nano)));

function taskView(row: TaskListed, tokenName: string) {
  // Films before their pictures, sound before its cover, as at /task/{id}.
  const addressOf = (kind: string): string | undefined => row.outputs.find((output) => output.kind === kind && output.url !== undefined)?.url;
  const shown: ShownState = row.state === "CANCELLED" ? "FAILURE" : row.state;
  return {
    id: numberOf(row.id),
    task_id: row.task_id,
    platform: row.platform,
    action: row.action,
    model: row.model,
    status: shown,
    progress: percent(row),
    submit_time: secondsOf(row.submitted_at),
    start_time: secondsOf(startOf(row)),
    finish_time: secondsOf(row.finished_at),
    fail_reason: shown === "FAILURE" ? (row.error_text ?? "") : "",
    quota: costOf(row),
    refunded: shown === "FAILURE" && row.hold_nano !== "0" && row.charge_nano === "0",
    token_name: tokenName,
    group: row.group_name,
    result_url: row.state === "SUCCESS" ? (addressOf("video") ?? addressOf("audio") ?? addressOf("image") ?? "") : "",
  };
}

/** Tasks of Midjourney as New API lists them, from what its clients see at `/mj/task/{id}/fetch`. */
export async function midjourneyViews({ db, brand, publicUrl }: ApiServices, rows: readonly TaskListed[]) {
  const tasks = new Map((await tasksById(db, rows.map(({ task_id: id }) => id))).map((row) => [row.id, taskOf(row)]));
  return rows.flatMap((row) => {
    const task = tasks.get(row.task_id);
    if (!task) return [];
    const seen = midjourney.render(task, { brand: brand() }, publicUrl()) as MidjourneySeen;
    return [
      {
        id: numberOf(row.id),
        code: 1,
        user_id: Number(row.user_id),
        action: seen.action,
        mj_id: seen.id,
        prompt: seen.prompt,
        prompt_en: seen.promptEn,
        description: seen.description,
        state: seen.state,
        submit_time: seen.submitTime,
        start_time: seen.startTime,
        finish_time: seen.finishTime,
        image_url: seen.imageUrl,
        video_url: seen.videoUrl ?? "",
        video_urls: JSON.stringify(seen.videoUrls ?? []),
        status: seen.status,
        progress: seen.progress,
        fail_reason: seen.failReason,
        quota: costOf(row),
        buttons: JSON.stringify(seen.buttons),
        properties: JSON.stringify(seen.properties),
      },
    ];
  });
}

interface MidjourneySeen {
  id: string;
  action: string;
  prompt: string;
  promptEn: string;
  description: string;
  state: string;
  submitTime: number;
  startTime: number;
  finishTime: number;
  imageUrl: string;
  videoUrl?: string;
  videoUrls?: object[];
  status: string;
  progress: string;
  failReason: string;
  buttons: object[];
  properties: object;
}

/** One page of an account's own tasks. Throws GatewayError. */
export const ownTaskPage = ({ taskPages }: ApiServices, userId: string, filter: Omit<TaskFilter, "owner">, page: number, size: number): Promise<{ total: number; rows: TaskListed[] }> => taskPages.page({ owner: userId, ...filter }, page, size);
