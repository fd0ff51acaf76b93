import { join } from "node:path";

/** A simulator that is not up by then has a fault of its own. */
const START_LIMIT_MS = 15_000;

export interface SandboxProcess {
  url: string;
  stop(): void;
}

/** Starts the simulators beside us, on a port of their own on loopback; they end when we do, however we end. */
export async function startSandboxProcess(): Promise<SandboxProcess> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../../../simulators/src/main.ts"), "--port", "0", "--exit-with-parent"], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const late = setTimeout(() => child.kill(), START_LIMIT_MS);
  const reader = child.stdout.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error("the simulators did not start");
    text += new TextDecoder().decode(value);
  }
  clearTimeout(late);
  const { url } = JSON.parse(text.slice(0, text.indexOf("\n"))) as { url: string };
  child.unref();
  return { url, stop: () => child.kill() };
}
