import { GatewayError } from "../../errors/gateway-error.ts";
import { JSON_DEPTH_MAX } from "./json-scan.ts";

/**
 * Refuses a JSON value (a tool's schema, say) that is nested deeper than JSON_DEPTH_MAX: whoever walks it later may then recurse.
 * Walks without recursion itself. Throws `nestedTooDeep` naming `param`.
 */
export function refuseDeep(value: unknown, param: string): void {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > JSON_DEPTH_MAX)
      throw new GatewayError("nestedTooDeep", { publicText: `"${param}" is nested too deeply: ${JSON_DEPTH_MAX} levels at most.`, param });
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
}
