import { GatewayError } from "../../../errors/gateway-error.ts";

/** A picture as Veo and Imagen take it, out of a `data:` URI (addresses are fetched before). Throws GatewayError for what is none. */
export function inlineOf(uri: string): { bytesBase64Encoded: string; mimeType: string } {
  const [head, mimeType = "image/png"] = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w.=+-]+)*;base64,/.exec(uri) ?? [];
  if (head === undefined) throw new GatewayError("invalidRequest", { publicText: "A picture is neither an address nor a data: URI with base64.", param: "images" });
  return { bytesBase64Encoded: uri.slice(head.length), mimeType };
}
