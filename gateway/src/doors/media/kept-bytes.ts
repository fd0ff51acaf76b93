import { GatewayError } from "../../errors/gateway-error.ts";
import type { TaskOutput } from "../../tasks/task.ts";
import { ASSETS_PREFIX } from "../route-rules.ts";
import type { MediaTools } from "./family.ts";

/** The bytes of our copy as base64. Throws GatewayError for what could not be copied: its address is in the task. */
export async function bytesOf({ url, where }: TaskOutput, tools: Pick<MediaTools, "assets">): Promise<string> {
  const name = url?.split(ASSETS_PREFIX)[1];
  const asset = where === "kept" && name !== undefined ? await tools.assets.open(name) : undefined;
  if (!asset) throw new GatewayError("badUpstream", { publicText: `The picture is at ${url ?? "no address"} and could not be copied.` });
  return Buffer.from(await new Response(asset.body(0, asset.size) as Blob).arrayBuffer()).toString("base64");
}
