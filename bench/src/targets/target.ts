import type { Call } from "../load/job.ts";
import { type ChatRequest, pathOf } from "../http/chat-request.ts";
import { residentBytes } from "../process/memory.ts";

/** The columns with a fixed meaning; further targets have names of their own. */
export const DIRECT = "direct";
export const NGINX = "nginx";
export const BARE = "bare proxy";
export const GATEWAY = "gateway";

/** Something requests can be sent to. */
export interface Target {
  name: string;
  host: string;
  port: number;
  /** stands before the path */
  prefix: string;
  headers: Record<string, string>;
  /** the processes that do the target's work; empty: unknown, or nothing of its own (direct) */
  pids(): number[];
  /** its helpers (a database), counted apart */
  helperPids(): number[];
  /** Ends it and starts it anew; undefined if the harness did not start it. */
  restart: (() => Promise<void>) | undefined;
}

/** How to call a target with a chat request. */
export const callOf = (target: Target, request: ChatRequest): Call => ({
  host: target.host,
  port: target.port,
  path: `${target.prefix}${pathOf(request)}`,
  headers: target.headers,
  request,
});

/** Resident memory of a target's own processes, in MB (10^6 bytes). */
export const residentMegabytes = (target: Target): number => residentBytes(target.pids()) / 1e6;
