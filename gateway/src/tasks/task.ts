import type { ChargeLine, ModelSource, TaskTerms } from "../catalog/index.ts";
import type { MediaWish } from "../dialects/canonical/media-wish.ts";
import type { Usage } from "../dialects/canonical/usage.ts";
import type { TaskState } from "../store/schema.ts";
import type { LookRow, TaskRow } from "../store/queries/tasks.ts";
import type { JsonObject, MediaOutputKind, NativeRequest } from "../vendors/_kit/media/adapter.ts";

/** What was asked for, as the row keeps it: in the words of one vendor, in nobody's, or both. */
export interface TaskRequest {
  native?: { vendor: string; request: NativeRequest };
  wish?: MediaWish;
  /** Strict mode: the members of the wish that the caller said, and by which names of its own. Only a source that can be told all of them is asked. */
  strict?: Readonly<Record<string, string>>;
  /** Strict mode: members that stand in the native words alone, so that only their own vendor can be told. */
  own?: readonly string[];
  /** what the door keeps for its own answers */
  seen?: JsonObject;
  /** whether pictures are given */
  withImages: boolean;
  /** which notices the caller wants and in which form, where it is not each new state in the family's own */
  notices?: { states?: readonly TaskState[]; form?: string };
  /** what the caller said of it; read by `end_tasks` for the row of the log */
  metadata?: Readonly<Record<string, string>>;
  /** of the sandbox's own headers, those for simulators */
  sandboxHeaders?: Record<string, string>;
}

/** One try with one target. */
export interface TaskAttempt {
  channel: string;
  /** names the credential */
  mark: string;
  source: number;
  outcome: string;
  status?: number;
  ms: number;
  /** may the same target be asked again */
  again?: boolean;
  dropped?: string[];
}

/** An output as callers see it. */
export interface TaskOutput {
  kind: MediaOutputKind;
  url?: string;
  text?: string;
  mime?: string;
  size?: number;
  width?: number;
  height?: number;
  duration?: number;
  role?: string;
  /** Unix milliseconds at which the address ends */
  expiresAt?: number;
  /** the vendor's own address; what `url` is until the output has been copied */
  vendorUrl?: string;
  /** further addresses of the same in the vendor's answer (`MediaOutput.also`) */
  also?: string[];
  /** `kept` with us; `vendor`: it is still to be copied; `lost`: it could not be */
  where: "kept" | "vendor" | "lost";
}

/** A task with its members' shapes. */
export type Task = Omit<TaskRow, "request" | "sources" | "attempts" | "memo" | "outputs" | "terms" | "lines" | "usage"> & {
  request: TaskRequest;
  sources: ModelSource[];
  attempts: TaskAttempt[];
  memo: JsonObject | null;
  outputs: TaskOutput[];
  terms: TaskTerms;
  lines: ChargeLine[];
  usage: Usage;
};

/** Of a task at work, what a look at its job needs. */
export type LookedAt = Pick<Task, "id" | "phase" | "state" | "action" | "progress" | "submitted_at" | "deadline_at" | "channel" | "credential" | "upstream_model" | "vendor_ref" | "memo" | "answer" | "cancel"> & { request: Pick<TaskRequest, "sandboxHeaders"> };

export const lookedAtOf = ({ sandbox_headers: headers, ...row }: LookRow): LookedAt => ({ ...row, request: headers === null ? {} : { sandboxHeaders: headers } }) as unknown as LookedAt;

/** A row as what it is: we wrote its members. */
export const taskOf = (row: TaskRow): Task => row as unknown as Task;

export const hasEnded = (task: Pick<Task, "phase">): boolean => task.phase === "ended";
