import { GatewayError } from "../../errors/gateway-error.ts";
import { parseShallow } from "./depth.ts";
import type { DroppedFeatures } from "./dropped-features.ts";
import type { ToolCallPart } from "./parts.ts";

/**
 * Refuses a call of the history whose arguments are no JSON object, for targets that take an object there: a made-up one would tell the model that it had said something else.
 * None at all are an empty object, and free text of a custom tool is no JSON. Throws GatewayError (400) that names the call.
 */
export function refuseBrokenArguments(call: ToolCallPart, report: DroppedFeatures): void {
  if (call.custom || call.arguments.trim() === "") return;
  const parsed = parseShallow(call.arguments);
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return;
  const param = report.nameOf("messages");
  throw new GatewayError("invalidRequest", { publicText: `"${param}": the arguments of the tool call "${call.id.slice(0, 100)}" of "${call.name.slice(0, 100)}" are no JSON object.`, param });
}
