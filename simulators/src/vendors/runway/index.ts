/** Runway's developer API (its reference; SDK `@runwayml/sdk`). */
import { asText, asObject, type JsonObject } from "../../kit/json.ts";
import { taskFile } from "../../kit/tasks/files.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { fail, refused, said } from "./errors.ts";
import { ROUTES } from "./models.ts";
import { askTask, submit } from "./tasks.ts";

const VERSION = "2024-11-06";

const credentialOf = (headers: Headers): string => /^Bearer\s+(\S+)$/.exec(headers.get("authorization") ?? "")?.[1] ?? "";

/** The balance; generations of a day are those of the sandbox's tasks. */
function organization(request: Received, owner: string): Answer {
  const limits: JsonObject = {};
  const usage: JsonObject = {};
  for (const name of new Set(Object.values(ROUTES).flatMap((models) => Object.keys(models)))) {
    limits[name] = { maxConcurrentGenerations: 5, maxDailyGenerations: 500 };
    usage[name] = { dailyGenerations: request.tasks.list("runway", owner).filter((task) => task.model === name).length };
  }
  return said(200, { creditBalance: 10_000, tier: { maxMonthlyCreditSpend: 50_000, models: limits }, usage: { models: usage } });
}

/** An upload comes in two steps: where to put it, and the file itself as a form; its bytes are let go, since inputs are not opened. */
function beginUpload(request: Received): Answer {
  const body = asObject(request.json);
  if (asText(body["filename"]) === "" || body["type"] !== "ephemeral") return refused(400, "Validation of body failed");
  const id = request.ids.hex(32);
  return said(200, { uploadUrl: `${request.origin}/__uploads`, fields: { key: id, policy: "sandbox" }, runwayUri: `runway://${id}` });
}

function answer(request: Received): Answer | Promise<Answer> {
  if (request.path.startsWith("/__files/")) return taskFile(request, "runway");
  if (request.method === "POST" && request.path === "/__uploads") return request.form?.files.length === 1 ? { kind: "whole", status: 204, headers: {}, body: "" } : refused(400, "A file is needed");
  const owner = credentialOf(request.headers);
  if (!/^[\w-]{6,}$/.test(owner)) return fail(request, { kind: "bad-key", status: 401 });
  const version = request.headers.get("x-runway-version");
  if (version !== VERSION) return refused(400, version === null ? "The X-Runway-Version header is required." : `Unknown API version '${version}'.`);
  const route = /^\/v1\/(\w+)$/.exec(request.path)?.[1] ?? "";
  const task = /^\/v1\/tasks\/([^/]+)$/.exec(request.path)?.[1];
  if (task !== undefined) return askTask(request, owner, task);
  if (Object.hasOwn(ROUTES, route)) return request.method === "POST" ? submit(request, owner, route) : refused(405, "Method not allowed");
  if (route === "organization" && request.method === "GET") return organization(request, owner);
  return route === "uploads" && request.method === "POST" ? beginUpload(request) : refused(404, "Not found");
}

/** Runway on its own wire. */
export const runway: Vendor = {
  name: "runway",
  routes: [...Object.keys(ROUTES).map((route) => `POST /v1/${route}`), "GET /v1/tasks/{id}", "DELETE /v1/tasks/{id}", "GET /v1/organization", "POST /v1/uploads"],
  credentialOf,
  answer,
  fail,
  errorFrame: () => "",
};
