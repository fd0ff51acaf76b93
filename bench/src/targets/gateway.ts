import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Children } from "../process/children.ts";
import { freePort } from "../process/wait.ts";
import { GATEWAY_PROGRAM, GatewayProcess } from "./gateway-process.ts";
import { GATEWAY, type Target } from "./target.ts";

/** Whether the gateway's program is there. */
export const gatewayExists = (): boolean => existsSync(GATEWAY_PROGRAM);

/** Starts the gateway with authentication, holds, journal and ledger on, and all vendors' calls going to `upstream`. */
export async function startGateway(
  children: Children,
  upstream: Target,
  key: string,
  temporaryFolder: string,
): Promise<Target> {
  const port = freePort();
  const gateway = new GatewayProcess(children, {
    port,
    upstreamPort: upstream.port,
    key,
    folder: join(temporaryFolder, "gateway"),
  });
  await gateway.start();
  return {
    ...upstream,
    name: GATEWAY,
    port,
    pids: () => gateway.pids(),
    helperPids: () => gateway.helperPids(),
    restart: async () => {
      await gateway.stop();
      await gateway.start();
    },
  };
}
