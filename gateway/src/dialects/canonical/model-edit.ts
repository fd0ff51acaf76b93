import type { JsonEdit, JsonScan } from "./json-scan.ts";

/**
 * The edit that makes a body name the vendor's model: none where it does already, the name put in where the body has none (the model stood in the address,
 * or is the endpoint's default), since what is routed and priced must be what the vendor serves.
 */
export function modelEdit(scan: JsonScan, upstreamModel: string): JsonEdit[] {
  const member = scan.member("model");
  const name = JSON.stringify(upstreamModel);
  if (member) return scan.value("model") === upstreamModel ? [] : [{ start: member.start, end: member.end, text: name }];
  const [first] = scan.members;
  return first ? [{ start: first.keyStart, end: first.keyStart, text: `"model":${name},` }] : [];
}
