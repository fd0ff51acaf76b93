/**
 * fal.ai. Its services are told apart by their host: the base is the queue, and below it the name of a host is that host
 * (`/fal/queue.fal.run/…`, `/fal/fal.run/…`, `/fal/rest.fal.ai/…`, `/fal/api.fal.ai/…`).
 */
import { decodePath, isObject } from "../../kit/json.ts";
import { taskFile } from "../../kit/tasks/files.ts";
import { endOf } from "../../kit/tasks/task.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { endpointOf } from "./catalog.ts";
import { fail, said } from "./errors.ts";
import { askQueue, submit } from "./queue.ts";
import { resultOf, startRun } from "./run.ts";
import { beginUpload, upload } from "./storage.ts";
import { keySet } from "./webhook.ts";

const HOST = /^\/(queue\.fal\.run|fal\.run|rest\.fal\.ai|api\.fal\.ai)(?=\/|$)/;
const REQUEST = /^((?:(?:workflows|comfy)\/)?[\w.-]+\/[\w.-]+)\/requests\/([^/]+)(?:\/(status|status\/stream|cancel))?$/;

const credentialOf = (headers: Headers): string => /^Key\s+(\S+)$/.exec(headers.get("authorization") ?? "")?.[1] ?? "";

/** The direct call: answers when the run has ended. */
async function run(request: Received, owner: string, name: string): Promise<Answer> {
  const endpoint = endpointOf(name);
  if (!endpoint) return said(404, { detail: `Application "${name.split("/").at(-1)}" not found` });
  if (!isObject(request.json)) return said(422, { detail: [{ loc: ["body"], msg: "Input should be a valid dictionary", type: "value_error" }] });
  const task = startRun(request, endpoint, name, owner, request.ids.hex(32), request.json);
  // an input at fault is refused at once
  const ends = task.detail["error"] === undefined ? endOf(task) : request.now;
  await request.until(ends);
  if (task.detail["error"] !== undefined) task.startsAt = task.endsAt = request.now;
  return resultOf({ ...request, now: ends }, task);
}

function prices(request: Received): Answer {
  const names = request.query.getAll("endpoint_id").flatMap((value) => value.split(","));
  if (names.length === 0 || names.some((name) => name === "")) return said(400, { error: { type: "validation_error", message: "endpoint_id is required" } });
  const missing = names.filter((name) => endpointOf(name) === undefined);
  if (missing.length > 0) return said(404, { error: { type: "not_found", message: `Endpoint not found: ${missing.join(", ")}` } });
  return said(200, { prices: names.map((name) => ({ endpoint_id: name, ...endpointOf(name)?.price, currency: "USD" })), next_cursor: null, has_more: false });
}

function rest(request: Received, path: string): Answer {
  if (request.method === "POST" && path === "/storage/upload/initiate") return beginUpload(request);
  return said(404, { detail: "Not Found" });
}

function answer(request: Received): Answer | Promise<Answer> {
  const host = HOST.exec(request.path)?.[1];
  const path = decodePath(host === undefined ? request.path : request.path.slice(host.length + 1));
  if (request.path.startsWith("/__files/")) return taskFile(request, "fal");
  if (request.path.startsWith("/__uploads/")) return upload(request);
  if (request.method === "GET" && path === "/.well-known/jwks.json") return said(200, keySet());
  const owner = credentialOf(request.headers);
  if (owner === "") return said(401, { detail: "Authentication is required to access this application." });
  if (!/^[\w:.-]{6,}$/.test(owner)) return said(401, { detail: "No user found for Key ID and Secret" });
  if (host === "api.fal.ai") return path === "/v1/models/pricing" ? prices(request) : said(404, { error: { type: "not_found", message: "Not found" } });
  if (host === "rest.fal.ai") return rest(request, path);
  const name = path.replace(/^\/+|\/+$/g, "");
  if (host === "fal.run") return request.method === "POST" ? run(request, owner, name) : said(405, { detail: "Method Not Allowed" });
  const asked = REQUEST.exec(name);
  const base = host === undefined ? request.origin : `${request.origin}/${host}`;
  if (asked) return askQueue(request, owner, asked[1] ?? "", asked[2] ?? "", asked[3] ?? "", base);
  return request.method === "POST" && !name.includes("/requests/") ? submit(request, owner, name, base) : said(405, { detail: "Method Not Allowed" });
}

/** fal on its own wires. */
export const fal: Vendor = {
  name: "fal",
  routes: [
    "POST /{owner}/{app}[/…]?fal_webhook=",
    "GET /{owner}/{app}/requests/{id}/status?logs=1",
    "GET /{owner}/{app}/requests/{id}/status/stream",
    "GET /{owner}/{app}/requests/{id}",
    "PUT /{owner}/{app}/requests/{id}/cancel",
    "POST /fal.run/{owner}/{app}[/…]",
    "POST /rest.fal.ai/storage/upload/initiate",
    "GET /rest.fal.ai/.well-known/jwks.json",
    "GET /api.fal.ai/v1/models/pricing?endpoint_id=",
  ],
  credentialOf,
  answer,
  fail,
  errorFrame: () => "",
};
