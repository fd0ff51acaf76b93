import type { AssetStore } from "../assets/asset-store.ts";
import { ASSETS_PREFIX } from "./route-rules.ts";

/** A browser may keep what it has for a day: a name never gets another content, but its file may expire. */
const CACHE_SECONDS = 86_400;

/**
 * `GET /assets/<name>`: a kept output, for whoever knows its name. Whatever lies in the file, nothing in it runs with our origin's rights: its type is ours to say and is not guessed
 * again (`nosniff`), documents are handed over as files, and the sandbox policy takes scripts, forms and origin away even where a browser shows one all the same.
 * Undefined when the path is another. Single byte ranges are served (RFC 9110, 14), as players ask for them.
 */
export function assetRoute(store: AssetStore): (request: Request, path: string) => Promise<Response> | undefined {
  return (request, path) => {
    if (!path.startsWith(ASSETS_PREFIX) || (request.method !== "GET" && request.method !== "HEAD")) return undefined;
    return serveAsset(store, { method: request.method, header: (name) => request.headers.get(name) }, path.slice(ASSETS_PREFIX.length)).then((found) => found ?? nothing());
  };
}

const nothing = (): Response => Response.json({ error: { message: "There is no such file, or it has expired.", type: "invalid_request_error", param: null, code: "not_found" } }, { status: 404 });

/** A kept file by its name, whole or in part; undefined when there is none. */
export async function serveAsset(store: AssetStore, { method, header }: { method: string; header: (name: string) => string | null }, name: string): Promise<Response | undefined> {
  const asset = await store.open(name);
  if (!asset) return undefined;
  const { kind, size } = asset;
  const headers: Record<string, string> = {
    "content-type": kind.type,
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "content-disposition": `${kind.inline ? "inline" : "attachment"}; filename="${name}"`,
    "cross-origin-resource-policy": "cross-origin",
    "access-control-allow-origin": "*",
    "referrer-policy": "no-referrer",
    "cache-control": `private, max-age=${CACHE_SECONDS}, immutable`,
    "accept-ranges": "bytes",
    etag: `"${name}"`,
  };
  if (header("if-none-match") === headers["etag"]) return new Response(null, { status: 304, headers });
  const range = rangeOf(header("range"), size);
  if (range === "beyond") return new Response(null, { status: 416, headers: { ...headers, "content-range": `bytes */${size}` } });
  const [start, end] = range ?? [0, size];
  headers["content-length"] = String(end - start);
  if (range) headers["content-range"] = `bytes ${start}-${end - 1}/${size}`;
  return new Response(method === "HEAD" || size === 0 ? null : asset.body(start, end), { status: range ? 206 : 200, headers });
}

/** One range of a Range field, `end` exclusive; undefined for none, several, or what cannot be read (RFC 9110, 14.2: then the whole file is sent). */
function rangeOf(field: string | null, size: number): [start: number, end: number] | "beyond" | undefined {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(field ?? "");
  if (!found || (found[1] === "" && found[2] === "")) return undefined;
  if (found[1] === "") {
    const last = Math.min(Number(found[2]), size);
    return last === 0 ? "beyond" : [size - last, size];
  }
  const start = Number(found[1]);
  const end = found[2] === "" ? size : Math.min(Number(found[2]) + 1, size);
  if (start >= size) return "beyond";
  return end <= start ? undefined : [start, end];
}
