import { GatewayError } from "../../../errors/gateway-error.ts";
import type { OutgoingPart } from "./adapter.ts";

/** `data:image/png;base64,...` (RFC 2397). */
const DATA_URI = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w.=+-]+)*;base64,/;

/**
 * A file of a form out of a `data:` URI, named after its part and type. Throws GatewayError for what is none: addresses are fetched before an adapter that `wantsBytes` is asked.
 */
export function fileOf(name: string, uri: string): Extract<OutgoingPart, { base64: string }> {
  const [head, type = "application/octet-stream"] = DATA_URI.exec(uri) ?? [];
  if (head === undefined) throw new GatewayError("invalidRequest", { publicText: "A picture is neither an address nor a data: URI with base64." });
  return { name, filename: `${name}.${type.split("/")[1]?.replace("jpeg", "jpg").replace("svg+xml", "svg") ?? "bin"}`, type, base64: uri.slice(head.length) };
}
