/** Files that a vendor's answer names by an address. They are handed to anybody, as signed addresses are. */
import type { Received, WholeAnswer } from "../vendor.ts";
import { noFile, serveFile } from "./serve-file.ts";

const OWNER = "files";
/** Life of an address in seconds when the vendor names none. */
const LIFE_SECONDS = 24 * 3600;

/** Takes a request, the vendor's name, a file, its ending and how long its address lives in seconds; keeps it and gives its address. With the fault `expired-link` it is dead. */
export function keepFile(request: Received, vendor: string, bytes: Uint8Array, ending: string, seconds = LIFE_SECONDS): string {
  const name = `${request.ids.letters(24)}.${ending}`;
  request.shelf.put(OWNER, name, bytes);
  const expires = request.faults.has("expired-link") ? request.now - 1 : request.now + seconds * 1000;
  return new URL(`/${vendor}/__files/${name}?Expires=${expires}`, request.origin).href;
}

const TYPES: Record<string, string> = { png: "image/png", jpeg: "image/jpeg", jpg: "image/jpeg", svg: "image/svg+xml", webp: "image/webp" };

/** Takes a request for such an address; gives the file. */
export function keptFile(request: Received): WholeAnswer {
  const name = request.path.split("/").at(-1) ?? "";
  const bytes = request.shelf.get(OWNER, name);
  if (!(bytes instanceof Uint8Array)) return noFile(404);
  if (Number(request.query.get("Expires") ?? 0) < request.now) return noFile(403);
  return serveFile(request, bytes, TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream");
}
