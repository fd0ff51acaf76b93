import { GatewayError } from "../../errors/gateway-error.ts";
import { knownError } from "../known-error.ts";
import { FormScan } from "../../dialects/canonical/form-scan.ts";
import { objectOf } from "../../dialects/canonical/fields.ts";
import type { FormPart, JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { translationHeaders } from "../../relay/translation.ts";
import type { FoundMediaRoute } from "./families.ts";
import { readJson } from "./read-json.ts";
import type { MediaCall, MediaFamily, MediaTools, OpenCall } from "./family.ts";

/** What a request at a door of tasks is, before its body is looked at; `key`: whose it is, at addresses that ask for one. */
export type Arrived = Omit<OpenCall, "json" | "form" | "params" | "told"> & { key: MediaCall["key"] | undefined };

/** Serves one request of a family: its body read (`bytes`), everything told in the family's own form. Never rejects. */
export async function serveMedia({ route, family, params }: FoundMediaRoute, arrived: () => Promise<{ call: Arrived; bytes: Buffer | undefined; contentType: string }>, tools: MediaTools, requestId: string, failed: (error: GatewayError) => void): Promise<Response> {
  try {
    const { call: { key, ...arrival }, bytes, contentType } = await arrived();
    const body = bytes === undefined ? { json: {}, form: undefined } : await bodyOf(bytes, contentType);
    const told: MediaCall["told"] = { untold: [] };
    const call = { ...arrival, ...body, params, told };
    if (!route.open && !key) throw new GatewayError("invalidKey");
    const answer = await (route.open ? route.handle(call, tools) : route.handle({ ...call, key: key as MediaCall["key"] }, tools));
    const response = answer instanceof Response ? answer : Response.json(answer.json, { status: answer.status ?? 200, ...(answer.headers ? { headers: answer.headers } : {}) });
    for (const [name, value] of Object.entries(translationHeaders({ dropped: told.untold }, {}))) response.headers.set(name, value);
    return response;
  } catch (thrown) {
    const error = knownError(thrown);
    failed(error);
    return mediaError(family, error, requestId);
  }
}

/** An error in a family's own form, with the headers that steer retries. */
export function mediaError(family: MediaFamily, error: GatewayError, requestId: string): Response {
  const { status, json } = family.error(error, requestId);
  return Response.json(json, { status, headers: { ...error.headers, ...(error.kind.retryable ? {} : { "x-should-retry": "false" }), ...(error.retryAfterSeconds === undefined ? {} : { "retry-after": String(error.retryAfterSeconds) }) } });
}

async function bodyOf(bytes: Buffer, contentType: string): Promise<{ json: JsonObject; form: FormPart[] | undefined }> {
  if (/^multipart\/form-data/i.test(contentType)) {
    const scan = new FormScan(bytes, contentType);
    while (!scan.run(FORM_SLICE_BYTES)) await new Promise<void>((resolve) => setImmediate(resolve));
    return { json: {}, form: scan.parts.map((part) => (part.filename === undefined ? { name: part.name, value: bytes.toString("utf8", part.start, part.end) } : { name: part.name, filename: part.filename, type: part.contentType ?? "application/octet-stream", bytes: bytes.subarray(part.start, part.end) })) };
  }
  const parsed = await readJson(bytes);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new GatewayError("invalidRequest", { publicText: "The request body must be a JSON object." });
  if (depthOf(parsed) > DEPTH_MAX) throw new GatewayError("nestedTooDeep");
  return { json: objectOf(parsed), form: undefined };
}

const FORM_SLICE_BYTES = 4 * 1024 * 1024;
/** No vendor's input is deeper by far. */
const DEPTH_MAX = 64;

function depthOf(value: unknown, above = 0): number {
  if (typeof value !== "object" || value === null || above > DEPTH_MAX) return above;
  let deepest = above + 1;
  for (const member of Object.values(value)) deepest = Math.max(deepest, depthOf(member, above + 1));
  return deepest;
}
