import { join } from "node:path";
import type { Logger } from "../observe/log.ts";
import type { Boot } from "./gateway.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { reason, StartError } from "./start-error.ts";
import { WorkerMetrics } from "./worker-metrics.ts";

/** Wait before a worker that died is replaced; doubled each time it dies young, so that a fault that stays makes no hot loop. */
const RESTART_DELAY_MS_MIN = 200;
const RESTART_DELAY_MS_MAX = 10_000;
/** A worker that lived as long did not die of its start. */
const GROWN_UP_MS = 30_000;
/** Beyond the time that streams have to finish: draining the journal, closing. */
const STOP_GRACE_MS = 20_000;

export interface SupervisorOptions {
  /** how many workers */
  count: number;
  boot: Omit<Boot, "processId" | "worker">;
  /** applies the journals that dead workers left */
  recover: () => Promise<unknown>;
  log: Logger;
  /** how a worker is started; for tests */
  command?: readonly string[];
}

export interface Supervisor {
  url: string;
  /** Stops all workers: each lets its streams finish up to the limit. One that hangs is killed. */
  stop(): Promise<void>;
}

/** Workers share a port, also with those of another gateway: the kernel would deal callers out to both. So nobody else may be there when they begin. */
function refuseTakenPort({ host, port }: Pick<Boot["config"], "host" | "port">): void {
  if (port === 0) return;
  try {
    Bun.listen({ hostname: host, port, socket: { data: () => undefined } }).stop(true);
  } catch (error) {
    throw new StartError(`Cannot listen on HOST and PORT: ${reason(error)}`);
  }
}

/**
 * Runs worker processes on one port. Resolves when all are ready; rejects with StartError when one cannot start, and then none is left. Later, a worker that dies is replaced, after
 * `recover` has applied the journal it left.
 */
export async function superviseWorkers(options: SupervisorOptions): Promise<Supervisor> {
  const { count, boot, recover, log } = options;
  refuseTakenPort(boot.config);
  const command = options.command ?? [process.execPath, join(import.meta.dir, "../main.ts"), "--worker"];
  const workers = new Map<number, Bun.Subprocess>();
  /** those that have told they are ready: only they have metrics */
  const serving = new Set<number>();
  const delays = new Map<number, number>();
  let stopping = false;

  const tell = (slot: number, message: ToWorker): void => {
    try {
      workers.get(slot)?.send(message);
    } catch {
      // it is ending: its exit is heard
    }
  };
  const metrics = new WorkerMetrics((slot, question) => tell(slot, { collect: question }));

  const launch = (slot: number): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const startedAt = performance.now();
    let ready = false;
    const worker = Bun.spawn([...command], {
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
      ipc: (message: FromWorker) => {
        if ("ready" in message) {
          ready = true;
          serving.add(slot);
          resolve(message.ready);
        } else if ("failed" in message) reject(new StartError(message.failed));
        else if ("snapshot" in message) metrics.answered(slot, message.snapshot.question, message.snapshot.metrics);
        else void metrics.gather([...serving]).then((all) => tell(slot, { all: { question: message.wantAll, ...(all ? { metrics: all } : {}) } }));
      },
      onExit: (_process, code, signal) => {
        workers.delete(slot);
        serving.delete(slot);
        void metrics.workerEnded(slot);
        reject(new StartError(`A worker process ended before it was ready (${signal ?? `status ${code}`}).`));
        if (!ready || stopping) return;
        log.warn({ worker: slot, code, signal }, "a worker ended; it is replaced");
        void replace(slot, performance.now() - startedAt);
      },
    });
    workers.set(slot, worker);
    worker.send({ boot: { ...boot, processId: Bun.randomUUIDv7(), worker: slot } } satisfies ToWorker);
    return promise;
  };

  const replace = async (slot: number, livedMs: number): Promise<void> => {
    let delay = livedMs > GROWN_UP_MS ? RESTART_DELAY_MS_MIN : (delays.get(slot) ?? RESTART_DELAY_MS_MIN);
    for (;;) {
      await Bun.sleep(delay);
      if (stopping) return;
      delay = Math.min(delay * 2, RESTART_DELAY_MS_MAX);
      delays.set(slot, delay);
      await recover().catch((error: unknown) => log.error({ error: reason(error) }, "the journal of an ended worker could not be applied; it stays for the next time"));
      if (stopping) return;
      try {
        await launch(slot);
        return;
      } catch (error) {
        log.error({ worker: slot, error: reason(error), nextTryMs: delay }, "a worker could not be replaced");
      }
    }
  };

  const stop = async (): Promise<void> => {
    stopping = true;
    const all = [...workers];
    for (const [slot] of all) tell(slot, { stop: true });
    const late = setTimeout(() => all.forEach(([, worker]) => worker.kill("SIGKILL")), boot.config.shutdownSeconds * 1000 + STOP_GRACE_MS);
    await Promise.all(all.map(([, worker]) => worker.exited));
    clearTimeout(late);
  };

  const starts = await Promise.allSettled(Array.from({ length: count }, (_, slot) => launch(slot)));
  const failure = starts.find((start) => start.status === "rejected");
  if (failure) {
    await stop();
    throw failure.reason;
  }
  return { url: starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []))[0] ?? "", stop };
}
