import { objectOf } from "../canonical/fields.ts";
import type { CanonicalResponse } from "../canonical/response.ts";
import { readStopReason } from "./finish.ts";
import { readBlock } from "./read-block.ts";
import { readConverseUsage } from "./usage.ts";

/** A whole answer (SDK: ConverseResponse). It has neither id nor the model's name. */
export function decodeResponse(body: Record<string, unknown>): CanonicalResponse {
  const message = objectOf(objectOf(body["output"])["message"]);
  const blocks: unknown[] = Array.isArray(message["content"]) ? message["content"] : [];
  const { finish, detail } = readStopReason(body["stopReason"]);
  const report = readConverseUsage(body["usage"]);
  const tier = objectOf(body["serviceTier"])["type"];
  return {
    id: "",
    model: "",
    choices: [{ index: 0, parts: blocks.map(readBlock).filter((part) => part !== undefined), finish, ...(detail === undefined ? {} : { finishDetail: detail }) }],
    usage: report?.usage,
    ...(report?.anomaly === undefined ? {} : { anomaly: report.anomaly }),
    ...(typeof tier === "string" ? { serviceTier: tier } : {}),
  };
}
