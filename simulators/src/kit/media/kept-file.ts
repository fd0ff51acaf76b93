/** Files that a vendor's answer names by an address. They are handed to anybody, as signed addresses are. */
import type { Received, WholeAnswer } from "../vendor.ts";

const OWNER = "files";

/** Takes a request, the vendor's name, a file and its ending; keeps it and gives its address. */
export function keepFile(request: Received, vendor: string, bytes: Uint8Array, ending: string): string {
  const name = `${request.ids.letters(24)}.${ending}`;
  request.shelf.put(OWNER, name, bytes);
  return new URL(`/${vendor}/__files/${name}?X-Signature=1`, `http://${request.headers.get("host") ?? "127.0.0.1"}`).href;
}

const TYPES: Record<string, string> = { png: "image/png", jpeg: "image/jpeg", svg: "image/svg+xml", webp: "image/webp" };

/** Takes a request for such an address; gives the file. */
export function keptFile(request: Received): WholeAnswer {
  const name = request.path.split("/").at(-1) ?? "";
  const bytes = request.shelf.get(OWNER, name);
  if (!(bytes instanceof Uint8Array)) return { kind: "whole", status: 404, headers: { "content-type": "text/plain" }, body: "not found" };
  return { kind: "whole", status: 200, headers: { "content-type": TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream" }, body: bytes };
}
