import type { Task } from "../../tasks/task.ts";

/** Unix seconds, as the documented envelopes have them; 0 for what has not been. */
export const seconds = (at: Date | null): number => (at === null ? 0 : Math.floor(at.getTime() / 1000));

/** `"30%"`, as the documented envelopes write it. */
export const percent = ({ progress, state }: Pick<Task, "progress" | "state">): string => `${state === "NOT_START" ? 0 : progress}%`;

/** The canonical word: a cancelled task is shown as failed, for the reason `cancelled`. */
export const shownState = (task: Pick<Task, "state">): string => (task.state === "CANCELLED" ? "FAILURE" : task.state);
