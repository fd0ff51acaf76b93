import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { plainEnvironment, type Child, type Children } from "../process/children.ts";
import { descendants, processesNaming, programOf } from "../process/process-tree.ts";
import { answersOk, waitUntil } from "../process/wait.ts";
import { startEnvironment } from "./start-environment.ts";

/** The repository's folder. */
export const REPOSITORY = join(import.meta.dir, "../../..");
/** The gateway's program file. */
export const GATEWAY_PROGRAM = join(REPOSITORY, "gateway/src/main.ts");

/** The first start makes the database. */
const READY_MS_MAX = 60_000;

/** Settings of one gateway process. */
export interface GatewaySettings {
  port: number;
  upstreamPort: number;
  key: string;
  /** holds the data folder and the log */
  folder: string;
  /** further settings */
  environment?: Record<string, string>;
}

/** The environment of a gateway under measurement. */
export const gatewayEnvironment = (settings: GatewaySettings): Record<string, string> => ({
  ...plainEnvironment(),
  ...startEnvironment(),
  PORT: String(settings.port),
  HOST: "127.0.0.1",
  YESCALE_DATA_DIR: join(settings.folder, "data"),
  YESCALE_API_KEY: settings.key,
  YESCALE_INITIAL_CREDIT_USD: "1000000",
  YESCALE_SANDBOX: "off",
  OPENAI_API_KEY: "sk-upstream",
  OPENAI_BASE_URL: `http://127.0.0.1:${settings.upstreamPort}/v1`,
  LOG_LEVEL: "warn",
  ...settings.environment,
});

/** One gateway, started and stopped as often as wanted on the same data folder. */
export class GatewayProcess {
  readonly #children: Children;
  readonly #settings: GatewaySettings;
  #child: Child | undefined;

  constructor(children: Children, settings: GatewaySettings) {
    this.#children = children;
    this.#settings = settings;
    mkdirSync(settings.folder, { recursive: true });
  }

  /** Starts it and waits for /readyz. Returns the milliseconds from the start to ready. */
  async start(): Promise<number> {
    const log = openSync(join(this.#settings.folder, "gateway.log"), "a");
    const began = performance.now();
    try {
      const child = this.#children.start({
        command: [process.execPath, GATEWAY_PROGRAM, "start"],
        environment: gatewayEnvironment(this.#settings),
        stderr: log,
        // Not in the repository: a developer's yescale.config.json or .env must not be read.
        folder: this.#settings.folder,
      });
      this.#child = child;
      void child.stdout.pipeTo(new WritableStream());
      const check = (): Promise<boolean> =>
        answersOk(`http://127.0.0.1:${this.#settings.port}/readyz`);
      await waitUntil(check, { ms: READY_MS_MAX, everyMs: 5, what: "gateway ready", child });
    } catch (fault) {
      throw new Error(`${String(fault)}\n${this.logEnd()}`, { cause: fault });
    } finally {
      closeSync(log);
    }
    return performance.now() - began;
  }

  /** Stops it, and then whatever it left behind on its data folder. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined) await this.#children.stop(child, 40_000);
    await endProcessesOn(join(this.#settings.folder, "data"));
  }

  /** The gateway's own processes: the one started, and workers it started of the same program. */
  pids(): number[] {
    if (this.#child === undefined) return [];
    const { pid } = this.#child;
    const program = programOf(pid);
    return [pid, ...descendants([pid]).filter((each) => programOf(each) === program)];
  }

  /** All else it runs: Postgres, also when detached. */
  helperPids(): number[] {
    const own = this.pids();
    const roots = processesNaming(join(this.#settings.folder, "data"));
    const all = new Set([...roots, ...descendants([...own, ...roots])]);
    return [...all].filter((pid) => !own.includes(pid));
  }

  /** The last lines of its log. */
  logEnd(): string {
    return readFileSync(join(this.#settings.folder, "gateway.log"), "utf8")
      .trim()
      .split("\n")
      .slice(-15)
      .join("\n");
  }
}

/** Ends processes that name `folder`, which is the harness's own: first politely, then not. */
export async function endProcessesOn(folder: string): Promise<void> {
  // SIGINT is Postgres' fast shutdown.
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    for (let tries = 0; tries < 50; tries++) {
      const left = processesNaming(folder);
      if (left.length === 0) return;
      if (tries === 0) for (const pid of left) signalQuietly(pid, signal);
      await Bun.sleep(100);
    }
  }
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
