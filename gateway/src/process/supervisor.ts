import { join } from "node:path";
import type { Boot } from "./gateway.ts";

/** A worker that dies at once, again and again, must not be restarted in a hot loop. */
const RESTART_DELAY_MS = 200;

export interface Supervisor {
  stop(): Promise<void>;
}

/** The message with which a worker gets its boot data. */
export type WorkerMessage = { boot: Omit<Boot, "processId"> & { processId: string } } | { stop: true };

/**
 * Runs `count` worker processes on one port. A worker that dies is replaced, after `recover` has applied the journal it left.
 * Resolves when all are ready.
 */
export async function superviseWorkers(count: number, boot: Omit<Boot, "processId">, recover: (alive: ReadonlySet<string>) => Promise<void>): Promise<Supervisor> {
  let stopping = false;
  const workers = new Map<string, Bun.Subprocess>();

  const launch = (): Promise<void> => {
    const processId = Bun.randomUUIDv7();
    return new Promise((ready) => {
      const worker = Bun.spawn([process.execPath, join(import.meta.dir, "../main.ts"), "--worker"], {
        stdin: "ignore",
        stdout: "inherit",
        stderr: "inherit",
        ipc: (message: unknown) => {
          if (message === "ready") ready();
        },
        onExit: () => {
          workers.delete(processId);
          ready();
          if (!stopping) void replace();
        },
      });
      workers.set(processId, worker);
      worker.send({ boot: { ...boot, processId } } satisfies WorkerMessage);
    });
  };
  const replace = async (): Promise<void> => {
    await Bun.sleep(RESTART_DELAY_MS);
    if (stopping) return;
    await recover(new Set(workers.keys())).catch(() => undefined);
    await launch();
  };

  await Promise.all(Array.from({ length: count }, launch));
  return {
    async stop() {
      stopping = true;
      const all = [...workers.values()];
      for (const worker of all) worker.send({ stop: true } satisfies WorkerMessage);
      await Promise.all(all.map((worker) => worker.exited));
    },
  };
}
