import type { Subprocess } from "bun";

/** A child process whose standard output the harness reads. */
export type Child = Subprocess<"pipe", "pipe", "ignore" | "inherit" | number>;

/** A command to run as a child. */
export interface ChildCommand {
  command: string[];
  /** the whole environment; nothing of the harness's own is inherited */
  environment: Record<string, string>;
  /** where standard error goes: to nowhere, to the harness's own, or to an open file */
  stderr: "ignore" | "inherit" | number;
  folder?: string;
}

/** Keeps account of every child started, so that none outlives the harness. */
export class Children {
  readonly #running = new Set<Child>();
  readonly #stopped = new WeakSet<Child>();
  readonly #unexpected: string[] = [];

  /** Children that ended without being asked to: a crash, told with its code or signal. */
  get unexpectedEnds(): readonly string[] {
    return this.#unexpected;
  }

  /** Starts a child. */
  start(what: ChildCommand): Child {
    const child = Bun.spawn(what.command, {
      env: what.environment,
      stdin: "pipe",
      stdout: "pipe",
      stderr: what.stderr,
      ...(what.folder === undefined ? {} : { cwd: what.folder }),
    });
    this.#running.add(child);
    void child.exited.then(() => {
      this.#running.delete(child);
      if (!this.#stopped.has(child) && child.exitCode !== 0)
        this.#unexpected.push(
          `${what.command.join(" ")} ended by itself: ${child.signalCode ?? child.exitCode}`,
        );
    });
    return child;
  }

  /** Asks a child to end by SIGTERM, and kills it after `graceMs` milliseconds. */
  async stop(child: Child, graceMs = 10_000): Promise<void> {
    this.#stopped.add(child);
    child.kill("SIGTERM");
    const ended = await Promise.race([
      child.exited.then(() => true),
      Bun.sleep(graceMs).then(() => false),
    ]);
    if (!ended) child.kill("SIGKILL");
    await child.exited;
  }

  /** Stops all that still run. */
  async stopAll(graceMs = 10_000): Promise<void> {
    await Promise.all([...this.#running].map((child) => this.stop(child, graceMs)));
  }

  /** Kills all at once; for the last moment before exit. */
  killAll(): void {
    for (const child of this.#running) child.kill("SIGKILL");
  }
}

/** The few variables every child needs; keys and proxies of the caller's environment must not reach a target. */
export function plainEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { BUN_CONFIG_MAX_HTTP_REQUESTS: "65336" };
  for (const name of ["PATH", "HOME", "TMPDIR", "LANG", "USER", "LD_LIBRARY_PATH"]) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
