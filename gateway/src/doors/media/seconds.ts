import type { Task } from "../../tasks/task.ts";

/** Unix seconds, as the documented envelopes have them; 0 for what has not been. */
export const seconds = (at: Date | null): number => (at === null ? 0 : Math.floor(at.getTime() / 1000));

/** When a task's work began. One that succeeded between two looks was never seen at work: it began when it was submitted, for all that is known, and clients count from there. */
export const startOf = ({ started_at: at, state, submitted_at: submitted }: Pick<Task, "started_at" | "state" | "submitted_at">): Date | null => at ?? (state === "SUCCESS" ? submitted : null);

/** `"30%"`, as the documented envelopes write it. */
export const percent = ({ progress, state }: Pick<Task, "progress" | "state">): string => `${state === "NOT_START" ? 0 : progress}%`;

/** The canonical word: a cancelled task is shown as failed, for the reason `cancelled`. */
export const shownState = (task: Pick<Task, "state">): string => (task.state === "CANCELLED" ? "FAILURE" : task.state);
