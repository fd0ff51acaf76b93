import { join } from "node:path";
import type { Logger } from "../observe/log.ts";
import { StartError } from "./start-error.ts";

/** A simulator that is not up by then has a fault of its own. */
const START_LIMIT_MS = 15_000;
/** Wait before simulators that died are started again; doubled up to the maximum while they do not stay. */
const RESTART_DELAY_MS_MIN = 100;
const RESTART_DELAY_MS_MAX = 10_000;

export interface SandboxProcess {
  url: string;
  /** the simulators' process id at the moment; undefined while they are being started again */
  pid: () => number | undefined;
  stop: () => void;
}

/** Starts the simulators beside us, on a port of their own on loopback; they end when we do, however we end. Should they die, they come back on the same port. Throws StartError. */
export async function startSandboxProcess(log: Logger): Promise<SandboxProcess> {
  let stopped = false;
  let current: Bun.Subprocess | undefined;

  const launch = async (port: string): Promise<{ child: Bun.Subprocess; url: string }> => {
    // In a process group of their own: a terminal's Ctrl-C reaches the whole group, and streams that are still open need them.
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "../../../simulators/src/main.ts"), "--port", port, "--exit-with-parent"], { stdin: "pipe", stdout: "pipe", stderr: "inherit", detached: true });
    const late = setTimeout(() => child.kill(), START_LIMIT_MS);
    const reader = child.stdout.getReader();
    let text = "";
    while (!text.includes("\n")) {
      const { done, value } = await reader.read();
      if (done) throw new StartError("The simulators did not start. YESCALE_SANDBOX=off does without them.");
      text += new TextDecoder().decode(value);
    }
    clearTimeout(late);
    child.unref();
    return { child, url: (JSON.parse(text.slice(0, text.indexOf("\n"))) as { url: string }).url };
  };
  const watch = async (child: Bun.Subprocess, port: string): Promise<void> => {
    await child.exited;
    current = undefined;
    for (let delay = RESTART_DELAY_MS_MIN; !stopped; delay = Math.min(delay * 2, RESTART_DELAY_MS_MAX)) {
      log.warn({ code: child.exitCode, signal: child.signalCode }, "the simulators ended; they are started again");
      await Bun.sleep(delay);
      if (stopped) return;
      const again = await launch(port).catch(() => undefined);
      if (!again) continue;
      current = again.child;
      if (stopped) current.kill();
      return watch(again.child, port);
    }
  };

  const first = await launch("0");
  current = first.child;
  void watch(first.child, new URL(first.url).port);
  return {
    url: first.url,
    pid: () => current?.pid,
    stop: () => {
      stopped = true;
      current?.kill();
    },
  };
}
