import { FairQueue } from "./fair-queue.ts";

export interface WorkerLimits {
  /** jobs that wait */
  queueMax: number;
  /** jobs of one account that wait */
  accountQueueMax: number;
  /** milliseconds that one waits for its turn */
  waitMs: number;
  /** milliseconds for one job, the start of the worker included */
  jobMs: number;
  /** milliseconds after which an unused worker is ended, so that its memory comes back */
  idleMs: number;
}

/** A job that was not done. */
export class WorkerFailure extends Error {
  constructor(readonly reason: "busy" | "late" | "dead" | "closed") {
    super(`the worker is ${reason}`);
  }
}

interface Waiting<Job, Result> {
  id: number;
  account: number;
  job: Job;
  /** what is handed over and not copied */
  transfer: ArrayBuffer[];
  resolve: (result: Result) => void;
  reject: (failure: WorkerFailure) => void;
  /** ends the waiting */
  patience: ReturnType<typeof setTimeout>;
}

/** What goes to the worker's program and what comes back. */
export interface WorkerCall<Job> {
  id: number;
  job: Job;
}
export interface WorkerReply<Result> {
  id: number;
  result: Result;
}

/** A thread of its own for work that would hold up the event loop: started when first needed, one job at a time, the accounts in turn; ended when it is late, and when nothing has come for long. */
export class LoneWorker<Job, Result> {
  private readonly queue = new FairQueue<Waiting<Job, Result>>();
  private current: Waiting<Job, Result> | undefined;
  private worker: Worker | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastId = 0;
  private closed = false;

  /** `program`: the worker's file; it answers each WorkerCall with a WorkerReply of the same id. */
  constructor(
    private readonly program: URL,
    private readonly limits: WorkerLimits,
  ) {}

  /** `account`: whose turn it takes, by the id of the budget that pays. Rejects with WorkerFailure. */
  run(account: number, job: Job, transfer: ArrayBuffer[] = []): Promise<Result> {
    if (this.closed) return Promise.reject(new WorkerFailure("closed"));
    if (this.queue.length >= this.limits.queueMax || this.queue.lengthOf(account) >= this.limits.accountQueueMax) return Promise.reject(new WorkerFailure("busy"));
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => this.giveUp(waiting), this.limits.waitMs);
      patience.unref();
      const waiting = { id: (this.lastId += 1), account, job, transfer, resolve, reject, patience };
      this.queue.push(account, waiting);
      if (!this.current) this.next();
    });
  }

  /** Jobs that wait or are being done. */
  get pending(): number {
    return this.queue.length + (this.current ? 1 : 0);
  }

  /** Ends the worker; what waits is rejected. */
  close(): void {
    this.closed = true;
    const left = [...(this.current ? [this.current] : []), ...this.queue.clear()];
    this.current = undefined;
    clearTimeout(this.timer);
    this.end();
    for (const { patience, reject } of left) {
      clearTimeout(patience);
      reject(new WorkerFailure("closed"));
    }
  }

  private next(): void {
    clearTimeout(this.timer);
    this.current = this.queue.shift();
    clearTimeout(this.current?.patience);
    if (!this.current) {
      this.timer = setTimeout(() => this.end(), this.limits.idleMs);
      this.timer.unref();
      return;
    }
    try {
      this.worker ??= this.start();
      const { id, job, transfer } = this.current;
      this.worker.postMessage({ id, job } satisfies WorkerCall<Job>, transfer);
    } catch {
      return this.lose("dead");
    }
    this.timer = setTimeout(() => this.lose("late"), this.limits.jobMs);
    this.timer.unref();
  }

  private start(): Worker {
    const worker = new Worker(this.program.href);
    worker.unref();
    worker.onmessage = ({ data }: MessageEvent<WorkerReply<Result>>) => {
      if (worker !== this.worker || data.id !== this.current?.id) return;
      const { resolve } = this.current;
      resolve(data.result);
      this.next();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.worker) this.lose("dead");
    };
    return worker;
  }

  private giveUp(waiting: Waiting<Job, Result>): void {
    if (this.queue.remove(waiting.account, waiting)) waiting.reject(new WorkerFailure("busy"));
  }

  /** The worker is late or dead: its job is lost, and the next one gets a new worker. */
  private lose(reason: "late" | "dead"): void {
    this.end();
    this.current?.reject(new WorkerFailure(reason));
    this.next();
  }

  private end(): void {
    this.worker?.terminate();
    this.worker = undefined;
  }
}
