import type { Options } from "./options.ts";
import type { Children } from "./process/children.ts";
import { startBareProxy } from "./targets/bare-proxy.ts";
import { furtherTarget } from "./targets/further.ts";
import { gatewayExists, startGateway } from "./targets/gateway.ts";
import { nginxProgram, startNginx } from "./targets/nginx.ts";
import type { Target } from "./targets/target.ts";
import { startUpstream } from "./targets/upstream.ts";

/** What could be started, and what could not. */
export interface Fleet {
  targets: Target[];
  /** names of the targets given by flag */
  further: string[];
  notes: string[];
  /** the gateway is there but did not start */
  failed: boolean;
}

/** Starts the upstream and everything that stands before it. */
export async function startFleet(
  children: Children,
  options: Options,
  key: string,
  temporaryFolder: string,
): Promise<Fleet> {
  const upstream = await startUpstream(children, options.upstreamPort, key);
  const fleet: Fleet = { targets: [upstream], further: [], notes: [], failed: false };
  const nginx = nginxProgram();
  if (nginx === undefined) fleet.notes.push("nginx is not installed: its column is empty");
  else fleet.targets.push(await startNginx(children, nginx, upstream, temporaryFolder));
  fleet.targets.push(await startBareProxy(children, upstream));
  if (options.withoutGateway) fleet.notes.push("the gateway was left out by --without-gateway");
  else if (!gatewayExists())
    fleet.notes.push("gateway/src/main.ts does not exist: the gateway's column is empty");
  else
    try {
      fleet.targets.push(await startGateway(children, upstream, key, temporaryFolder));
    } catch (fault) {
      fleet.failed = true;
      fleet.notes.push(`the gateway did not start: ${String(fault)}`);
    }
  for (const flag of options.targets) {
    const target = furtherTarget(flag, upstream);
    fleet.targets.push(target);
    fleet.further.push(target.name);
  }
  return fleet;
}
