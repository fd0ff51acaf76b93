import { lasting, merged, type MetricsSnapshot } from "../observe/process-metrics.ts";

/** A worker that does not answer by then is blocked; the scrape fails, which is the truth. */
const ANSWER_LIMIT_MS = 5_000;

/** Gathers the metrics of all workers by question and answer. Counters of ended workers stay in the sums. */
export class WorkerMetrics {
  private questions = 0;
  private readonly open = new Map<number, { missing: Set<number>; got: MetricsSnapshot[]; done: PromiseWithResolvers<MetricsSnapshot[] | undefined> }>();
  /** what each worker told last */
  private readonly last = new Map<number, MetricsSnapshot>();
  private ended: MetricsSnapshot = [];

  /** `ask` sends a question's number to a worker. */
  constructor(private readonly ask: (worker: number, question: number) => void) {}

  /** The sum over the workers named; undefined when one of them does not answer. */
  async gather(workers: readonly number[]): Promise<MetricsSnapshot | undefined> {
    this.questions += 1;
    const question = this.questions;
    const done = Promise.withResolvers<MetricsSnapshot[] | undefined>();
    this.open.set(question, { missing: new Set(workers), got: [], done });
    const late = setTimeout(() => done.resolve(undefined), ANSWER_LIMIT_MS);
    for (const worker of workers) this.ask(worker, question);
    if (workers.length === 0) done.resolve([]);
    const snapshots = await done.promise;
    clearTimeout(late);
    this.open.delete(question);
    return snapshots && merged([...snapshots, this.ended]).getMetricsAsJSON();
  }

  answered(worker: number, question: number, metrics: MetricsSnapshot): void {
    this.last.set(worker, metrics);
    const asked = this.open.get(question);
    if (!asked?.missing.delete(worker)) return;
    asked.got.push(metrics);
    if (asked.missing.size === 0) asked.done.resolve(asked.got);
  }

  /** A worker has ended: its counters stay as it told them last, and nobody waits for it. */
  async workerEnded(worker: number): Promise<void> {
    for (const asked of this.open.values()) if (asked.missing.delete(worker) && asked.missing.size === 0) asked.done.resolve(asked.got);
    const last = this.last.get(worker);
    this.last.delete(worker);
    if (last) this.ended = await merged([this.ended, lasting(last)]).getMetricsAsJSON();
  }
}
