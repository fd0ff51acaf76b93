/** fal's file store: `rest.fal.ai/storage` (SDK `@fal-ai/client`, storage). What was uploaded can be read again by anybody who knows the address. */
import { asObject, asText } from "../../kit/json.ts";
import type { Received, WholeAnswer } from "../../kit/vendor.ts";
import { said } from "./errors.ts";

const OWNER = "fal uploads";

/** Takes a request to begin an upload; gives where to put the file and where it will be. */
export function beginUpload(request: Received): WholeAnswer {
  const body = asObject(request.json);
  const [type, name] = [asText(body["content_type"]), asText(body["file_name"])];
  if (type === "" || name === "") return said(422, { detail: [{ loc: ["body", type === "" ? "content_type" : "file_name"], msg: "Field required", type: "missing" }] });
  const url = `${request.origin}/__uploads/${request.ids.letters(20)}/${encodeURIComponent(name)}`;
  return said(200, { upload_url: `${url}?signature=1`, file_url: url });
}

/** Takes a request for an uploaded file, or one that brings it; gives the answer. */
export function upload(request: Received): WholeAnswer {
  if (request.method === "PUT") {
    request.shelf.put(OWNER, request.path, { bytes: request.body, type: request.headers.get("content-type") ?? "application/octet-stream" });
    return said(200, {});
  }
  const kept = asObject(request.shelf.get(OWNER, request.path));
  const bytes = kept["bytes"];
  if (!(bytes instanceof Uint8Array)) return said(404, { detail: "Not found" });
  return { kind: "whole", status: 200, headers: { "content-type": asText(kept["type"]) }, body: bytes };
}
