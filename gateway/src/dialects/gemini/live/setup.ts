import { readModel, refuseTwice } from "../../canonical/fields.ts";
import { applyEdits, type JsonScan, scanJson } from "../../canonical/json-scan.ts";
import { GatewayError } from "../../../errors/gateway-error.ts";

function inside(text: string): { bytes: Buffer; start: number; setup: JsonScan } {
  const scan = scanJson(Buffer.from(text));
  refuseTwice(scan, "setup");
  const member = scan.member("setup");
  if (!member || scan.type("setup") !== "object") throw new GatewayError("invalidRequest", { publicText: 'The first message must be "setup".', param: "setup" });
  return { bytes: scan.bytes, start: member.start, setup: scanJson(scan.bytes.subarray(member.start, member.end)) };
}

/** The model that a setup message names (SDK type `LiveClientSetup`), as written: `models/...`. Throws GatewayError. */
export const modelOfSetup = (text: string): string => readModel(inside(text).setup);

/** The setup message with the vendor's name of the model; every other byte stays. Throws GatewayError. */
export function withModel(text: string, upstream: string): string {
  const { bytes, start, setup } = inside(text);
  const member = setup.member("model");
  if (!member) throw new GatewayError("missingModel", { param: "setup.model" });
  return applyEdits(bytes, [{ start: start + member.start, end: start + member.end, text: JSON.stringify(`models/${upstream}`) }]).toString();
}
