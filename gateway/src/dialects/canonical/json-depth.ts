import { GatewayError } from "../../errors/gateway-error.ts";
import { JSON_DEPTH_MAX } from "./json-scan.ts";

/** Refuses a parsed value nested deeper than JSON_DEPTH_MAX; looks level by level, so that no depth can exhaust the stack. `param` names the field. */
export function refuseDeep(value: unknown, param: string): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > JSON_DEPTH_MAX) throw new GatewayError("nestedTooDeep", { publicText: `${param}: nested deeper than ${JSON_DEPTH_MAX} levels.`, param });
    const below: unknown[] = [];
    for (const item of level) if (typeof item === "object" && item !== null) for (const child of Object.values(item)) below.push(child);
    level = below;
  }
}
