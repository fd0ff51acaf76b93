/** Files that a caller uploads as input (HTTP API reference: files; SDK `replicate`, files). */
import { sha256 } from "../../kit/exchange.ts";
import { asObject, parseJson, type JsonObject } from "../../kit/json.ts";
import type { Received, WholeAnswer } from "../../kit/vendor.ts";
import { notFound, refused, said } from "./errors.ts";

/** Uploads are kept for a day. */
const KEPT_MS = 24 * 3600 * 1000;

/** Takes a request that brings a file, and the owner; keeps and gives its description: nothing here reads inputs, so its bytes are let go. */
export function keepUpload(request: Received, owner: string): WholeAnswer {
  const content = request.form?.files.find((one) => one.name === "content");
  if (!content) return refused(400, "Bad request", "Missing content");
  const about = request.form?.files.find((one) => one.name === "metadata");
  const id = request.ids.letters(48);
  const described: JsonObject = {
    id,
    name: content.filename,
    content_type: content.type || "application/octet-stream",
    size: content.bytes.length,
    checksums: { sha256: sha256(content.bytes) },
    metadata: asObject(parseJson(about ? new TextDecoder().decode(about.bytes) : "{}")),
    created_at: new Date(request.now).toISOString(),
    expires_at: new Date(request.now + KEPT_MS).toISOString(),
    urls: { get: `${request.origin}/v1/files/${id}` },
  };
  request.shelf.put(owner, id, described);
  return said(201, described);
}

/** Takes a request for an upload's description, the owner and its id; gives it. */
export function uploaded(request: Received, owner: string, id: string): WholeAnswer {
  const found = request.shelf.get(owner, id);
  return found === undefined ? notFound() : said(200, found);
}
