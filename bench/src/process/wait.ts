import { linesOf } from "./lines.ts";
import type { Child } from "./children.ts";

/** A promise that rejects with `what` after `ms` milliseconds unless `promise` settles first. */
export async function within<Value>(
  promise: Promise<Value>,
  ms: number,
  what: string,
): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until `check` holds, asking every `everyMs` milliseconds; rejects after `ms`, or when `child` has ended. */
export async function waitUntil(
  check: () => Promise<boolean>,
  options: { ms: number; everyMs: number; what: string; child?: Child },
): Promise<void> {
  const end = performance.now() + options.ms;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`${options.what}: not within ${options.ms} ms`);
    if (options.child !== undefined && options.child.exitCode !== null)
      throw new Error(`${options.what}: the process ended with code ${options.child.exitCode}`);
    await Bun.sleep(options.everyMs);
  }
}

/** The port a child prints as `{"port":…}` on its first line. */
export async function portOf(child: Child, what: string): Promise<number> {
  const first = linesOf(child.stdout).next();
  const line = await within(first, 10_000, what);
  const told: { port?: unknown } = JSON.parse(line.value ?? "{}");
  if (typeof told.port !== "number") throw new Error(`${what}: told no port`);
  return told.port;
}

/** A port free at this moment on the loopback. */
export function freePort(): number {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: () => undefined },
  });
  const { port } = listener;
  listener.stop(true);
  return port;
}

/** Whether a GET of a loopback address is answered with 200. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
