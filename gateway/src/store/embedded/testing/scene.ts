import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn, type ChildProcess } from "node:child_process";
import pg from "pg";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "../index.ts";
import type { LogLine } from "../installation.ts";
import { readPostmasterFile } from "../postmaster-file.ts";
import { processesOf, signal } from "../processes.ts";

/** What `run-until-killed.ts` tells. */
export interface Told {
  how?: EmbeddedPostgres["how"];
  connection?: EmbeddedPostgres["connection"];
  code?: string;
  message?: string;
}

/** A gateway in a process of its own. */
export interface OtherGateway {
  told: Told;
  process: ChildProcess;
  /** ends it with a signal and waits until it is gone */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
}

const script = join(import.meta.dir, "run-until-killed.ts");

let template: Promise<Scene> | undefined;

/** Removes what `fill` copies from. For a test file's end: Bun's test runner calls no exit handlers. */
export async function dropTemplate(): Promise<void> {
  await (await template)?.close();
  template = undefined;
}

/** A database with a table `kept` of one row. */
async function makeTemplate(): Promise<Scene> {
  const scene = new Scene();
  const postgres = await scene.start();
  await query(postgres.connection, "create table kept (value int); insert into kept values (1)");
  await postgres.stop();
  return scene;
}

/** A temporary data folder with everything that a test starts on it; `close` ends and removes all. */
export class Scene {
  readonly lines: LogLine[] = [];
  readonly root = mkdtempSync(join(tmpdir(), "yescale-embedded-"));
  private readonly children: ChildProcess[] = [];
  private readonly folders = new Set<string>();

  constructor(readonly dataDir: string = "") {
    this.dataDir = join(this.root, dataDir === "" ? "data" : dataDir);
  }

  /** Puts a stopped database in place, as an earlier start and stop would have: a copy takes a tenth of initdb's time. */
  async fill(): Promise<void> {
    template ??= makeTemplate();
    cpSync((await template).cluster, this.cluster, { recursive: true });
  }

  get cluster(): string {
    return join(this.dataDir, "postgres", "cluster");
  }

  get serverPid(): number {
    return readPostmasterFile(this.cluster)?.pid ?? 0;
  }

  async start(): Promise<EmbeddedPostgres> {
    const postgres = await startEmbeddedPostgres({
      dataDir: this.dataDir,
      log: (line) => this.lines.push(line),
    });
    this.folders.add(postgres.connection.host);
    return postgres;
  }

  /** `prefix` stands before the command line; `environment` is added to ours. */
  async otherGateway(
    prefix: readonly string[] = [],
    environment: Record<string, string> = {},
  ): Promise<OtherGateway> {
    const command = [...prefix, process.execPath, script, this.dataDir];
    const child = spawn(command[0] ?? "", command.slice(1), {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: "/",
      env: { ...process.env, ...environment },
    });
    this.children.push(child);
    const told = await new Promise<Told>((resolve, reject) => {
      child.stdout?.once("data", (chunk: Buffer) => resolve(JSON.parse(chunk.toString("utf8")) as Told));
      child.once("error", reject);
      child.once("exit", (code) =>
        reject(new Error(`the other gateway ended with ${code} and told nothing`)),
      );
    });
    if (told.connection !== undefined) this.folders.add(told.connection.host);
    const end = (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
      return new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill(signal);
      });
    };
    return { told, process: child, end };
  }

  /** Kills all other gateways, started or still starting. */
  killGateways(): void {
    for (const child of this.children) child.kill("SIGKILL");
  }

  private serverProcesses(): number[] {
    return existsSync(this.cluster) ? processesOf(this.cluster) : [];
  }

  async close(): Promise<void> {
    this.killGateways();
    for (let left = 100; left > 0 && this.serverProcesses().length > 0; left -= 1) {
      for (const pid of this.serverProcesses()) signal(pid, "SIGKILL");
      await Bun.sleep(10);
    }
    for (const folder of [this.root, ...this.folders]) rmSync(folder, { recursive: true, force: true });
  }
}

/** One query on a connection of its own; gives the rows. */
export async function query(
  connection: EmbeddedPostgres["connection"],
  text: string,
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connection);
  client.on("error", () => undefined);
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(text);
    return result.rows;
  } finally {
    await client.end();
  }
}
