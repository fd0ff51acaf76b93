import { join } from "node:path";
import { freePort } from "../process/wait.ts";
import { residentBytes } from "../process/memory.ts";
import { atMost, Row } from "../report/row.ts";
import { GatewayProcess } from "../targets/gateway-process.ts";
import { BARE, DIRECT, GATEWAY, residentMegabytes } from "../targets/target.ts";
import { gatewayOf, type Context } from "./context.ts";

const SCENARIO = "8 second start";

/** Scenario 8: how long a start on existing data takes, and what an idle process holds. */
export async function start(context: Context): Promise<void> {
  const first = new Row(SCENARIO, "first start, new database, ms", { comparable: false });
  const ready = new Row(SCENARIO, "spawn to ready, ms", {
    comparable: false,
    goal: atMost(1500, "ms"),
  });
  const idle = new Row(SCENARIO, `RSS idle after ${context.profile.idleSeconds} s, MB`, {
    goal: atMost(120, "MB"),
  });
  const upstreamPort = context.targets.find((target) => target.name === DIRECT)?.port ?? 1;
  const bare = context.targets.find((target) => target.name === BARE);
  for (let round = 0; round < context.profile.starts; round++) {
    await bare?.restart?.();
    let gateway: GatewayProcess | undefined;
    if (gatewayOf(context) !== undefined) {
      const folder = join(context.temporaryFolder, `start-${round}`);
      gateway = new GatewayProcess(context.children, {
        port: freePort(),
        upstreamPort,
        key: context.key,
        folder,
      });
      first.record(GATEWAY, await gateway.start());
      await gateway.stop();
      ready.record(GATEWAY, await gateway.start());
    }
    await Bun.sleep(context.profile.idleSeconds * 1000);
    if (bare !== undefined) idle.record(BARE, residentMegabytes(bare));
    if (gateway !== undefined) idle.record(GATEWAY, residentBytes(gateway.pids()) / 1e6);
    await gateway?.stop();
  }
  context.rows.push(first, ready, idle);
}
