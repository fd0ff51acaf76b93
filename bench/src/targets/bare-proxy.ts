import { join } from "node:path";
import { plainEnvironment, type Child, type Children } from "../process/children.ts";
import { portOf } from "../process/wait.ts";
import { BARE, type Target } from "./target.ts";

/** Starts the Bun proxy without logic. */
export async function startBareProxy(children: Children, upstream: Target): Promise<Target> {
  let child: Child | undefined;
  const start = async (): Promise<number> => {
    child = children.start({
      command: [
        process.execPath,
        join(import.meta.dir, "bare-proxy-main.ts"),
        `http://${upstream.host}:${upstream.port}`,
      ],
      environment: plainEnvironment(),
      stderr: "inherit",
    });
    return portOf(child, BARE);
  };
  const target: Target = {
    ...upstream,
    name: BARE,
    port: await start(),
    pids: () => (child === undefined ? [] : [child.pid]),
    restart: async () => {
      if (child !== undefined) await children.stop(child);
      target.port = await start();
    },
  };
  return target;
}
