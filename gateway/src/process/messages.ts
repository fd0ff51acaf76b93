import type { MetricsSnapshot } from "../observe/process-metrics.ts";
import type { Boot } from "./gateway.ts";

/** What a supervisor tells a worker: what to be, when to stop, a question for its metrics, the answer to its own question for those of all. */
export type ToWorker = { boot: Boot } | { stop: true } | { collect: number } | { all: { question: number; metrics?: MetricsSnapshot } };

/** What a worker tells its supervisor: that it serves, why it cannot, its metrics, a question for those of all workers. */
export type FromWorker = { ready: string } | { failed: string } | { snapshot: { question: number; metrics: MetricsSnapshot } } | { wantAll: number };
