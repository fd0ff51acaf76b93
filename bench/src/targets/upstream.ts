import { join } from "node:path";
import { plainEnvironment, type Children } from "../process/children.ts";
import { portOf } from "../process/wait.ts";
import { DIRECT, type Target } from "./target.ts";

/** Starts the upstream (port 0: any free one) and gives it as the target "direct", without own cost. */
export async function startUpstream(
  children: Children,
  port: number,
  key: string,
): Promise<Target> {
  const child = children.start({
    command: [process.execPath, join(import.meta.dir, "../upstream/main.ts"), String(port)],
    environment: plainEnvironment(),
    stderr: "inherit",
  });
  return {
    name: DIRECT,
    host: "127.0.0.1",
    port: await portOf(child, "upstream"),
    prefix: "",
    // The same bytes go to every target.
    headers: { authorization: `Bearer ${key}` },
    pids: () => [],
    helperPids: () => [],
    restart: undefined,
  };
}
