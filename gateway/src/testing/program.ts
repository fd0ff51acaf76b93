import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "bun:test";

const ROOT = join(import.meta.dir, "../../..");
/** Nothing of the environment that runs the tests may reach a vendor or another database. */
const NEUTRAL = { OPENAI_API_KEY: "", ANTHROPIC_API_KEY: "", GEMINI_API_KEY: "", GOOGLE_API_KEY: "", DATABASE_URL: "", YESCALE_CONFIG: "", YESCALE_API_KEY: "", YESCALE_WORKERS: "", LOG_LEVEL: "error" };

/** A kept connection would go on reaching a process that is ending. */
const NEW_CONNECTION = { keepalive: false };

/** A port that nobody listens on, below those that the system gives to outgoing connections. */
export function freePort(): number {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    try {
      void Bun.serve({ port, hostname: "127.0.0.1", fetch: () => new Response() }).stop(true);
      return port;
    } catch {
      // taken: another one
    }
  }
}

/** The gateway as an operator runs it: in processes of its own, on a folder and a port of its own. */
export class Program {
  readonly dataDir = mkdtempSync(join(tmpdir(), "yescale-program-"));
  readonly port = freePort();
  readonly url = `http://127.0.0.1:${this.port}`;

  constructor(private readonly environment: Record<string, string> = {}) {
    afterAll(() => rmSync(this.dataDir, { recursive: true, force: true }));
  }

  /** Runs a command (the gateway itself unless told) with our settings; what it writes is gathered. */
  run(environment: Record<string, string> = {}, command: readonly string[] = [process.execPath, join(ROOT, "gateway/src/main.ts"), "start"]): Running {
    return new Running(
      Bun.spawn([...command], {
        cwd: ROOT,
        env: { ...process.env, ...NEUTRAL, PORT: String(this.port), YESCALE_DATA_DIR: this.dataDir, YESCALE_SHUTDOWN_SECONDS: "5", ...this.environment, ...environment },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      }),
    );
  }

  /** Runs a command of `cli.ts` to its end. */
  async cli(...words: string[]): Promise<{ status: number; out: string; error: string }> {
    const running = this.run({}, [process.execPath, join(ROOT, "gateway/src/cli.ts"), ...words]);
    const status = await running.process.exited;
    return { status, out: await running.out, error: await running.error };
  }

  /** Waits until the gateway is ready; gives whether it was within `limitMs`. */
  ready(limitMs = 20_000): Promise<boolean> {
    return eventually(() => fetch(`${this.url}/readyz`, NEW_CONNECTION).then((response) => response.ok, () => false), limitMs);
  }

  chat(key: string, content: string, more: object = {}): Promise<Response> {
    return fetch(`${this.url}/v1/chat/completions`, {
      ...NEW_CONNECTION,
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content }], ...more }),
    });
  }
}

export class Running {
  readonly out: Promise<string>;
  readonly error: Promise<string>;
  constructor(readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">) {
    this.out = process.stdout.text();
    this.error = process.stderr.text();
  }

  async stop(): Promise<number> {
    this.process.kill("SIGTERM");
    return this.process.exited;
  }
}

/** Asks until the answer is yes; gives whether it came within `limitMs`. */
export async function eventually(question: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    if (await question()) return true;
    await Bun.sleep(20);
  }
  return false;
}
