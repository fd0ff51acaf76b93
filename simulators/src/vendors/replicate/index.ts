/** Replicate (its HTTP API reference; SDK `replicate`). */
import { decodePath } from "../../kit/json.ts";
import { taskFile } from "../../kit/tasks/files.ts";
import { polled, told } from "../../kit/tasks/poll.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { create, versionAsked } from "./create.ts";
import { fail, notFound, refused, said } from "./errors.ts";
import { keepUpload, uploaded } from "./uploads.ts";
import { modelOf } from "./models.ts";
import { predictionOf } from "./prediction.ts";
import { WEBHOOK_KEY } from "./webhook.ts";

const PAGE = 100;

const credentialOf = (headers: Headers): string => /^(?:Bearer|Token)\s+(\S+)$/.exec(headers.get("authorization") ?? "")?.[1] ?? "";

/** A page of predictions, the newest first; the cursor is the number of those before it. */
function list(request: Received, owner: string): Answer {
  const from = Number(request.query.get("cursor") ?? 0);
  const all = request.tasks.list("replicate", owner);
  const url = (cursor: number): string => `${request.origin}/v1/predictions?cursor=${cursor}`;
  const results = all.slice(from, from + PAGE).map((task) => predictionOf(request, task));
  return said(200, { previous: from > 0 ? url(Math.max(from - PAGE, 0)) : null, next: from + PAGE < all.length ? url(from + PAGE) : null, results });
}

function prediction(request: Received, owner: string, id: string, cancel: boolean): Answer | Promise<Answer> {
  const task = request.tasks.get("replicate", owner, id);
  if (!task) return notFound();
  const show = (): Answer => told(task, request.now, said(200, predictionOf(request, task)));
  if (!cancel) return polled(request, task, fail, show);
  // a prediction that has ended stays as it is, and is shown
  request.tasks.cancel(task, request.now);
  request.note(task);
  return show();
}

function model(request: Received, name: string): Answer {
  const [owner, short] = name.split("/");
  if (!modelOf(name)) return notFound();
  const version = { id: Bun.hash(name).toString(16).repeat(4).slice(0, 64), created_at: new Date(request.now).toISOString(), cog_version: null, openapi_schema: null };
  return said(200, {
    url: `https://replicate.com/${name}`,
    owner,
    name: short,
    description: "A model of the sandbox.",
    visibility: "public",
    is_official: true,
    github_url: null,
    paper_url: null,
    license_url: null,
    run_count: 1,
    cover_image_url: null,
    default_example: null,
    latest_version: version,
  });
}

function answer(request: Received): Answer | Promise<Answer> {
  if (request.path.startsWith("/__files/")) return taskFile(request, "replicate");
  const owner = credentialOf(request.headers);
  if (!/^[\w-]{6,}$/.test(owner)) return fail(request, { kind: "bad-key", status: 401 });
  const route = `${request.method} ${decodePath(request.path).replace(/^\/v1\//, "").replace(/\/$/, "")}`;
  const named = /^(GET|POST) (models|deployments)\/([^/]+\/[^/]+)(\/predictions)?$/.exec(route);
  const asked = /^(GET|POST) predictions\/([^/]+?)(\/cancel)?$/.exec(route);
  if (route === "POST predictions") {
    const version = versionAsked(request);
    return version ? create(request, owner, version.name, version.version) : refused(422, "Input validation failed", "- version is required\n", { invalid_fields: [{ type: "required", field: "", description: "version is required" }] });
  }
  if (named?.[1] === "POST" && named[4]) return create(request, owner, named[3] ?? "", "hidden");
  if (named?.[1] === "GET" && named[2] === "models" && !named[4]) return model(request, named[3] ?? "");
  if (route === "GET predictions") return list(request, owner);
  if (asked && (asked[3] !== undefined) === (asked[1] === "POST")) return prediction(request, owner, asked[2] ?? "", asked[3] !== undefined);
  if (route === "GET webhooks/default/secret") return said(200, { key: WEBHOOK_KEY });
  if (route === "GET account") return said(200, { type: "user", username: "sandbox", name: "Sandbox", github_url: "https://github.com/sandbox" });
  if (route === "POST files") return keepUpload(request, owner);
  if (route.startsWith("GET files/")) return uploaded(request, owner, route.slice("GET files/".length));
  return notFound();
}

/** Replicate on its own wire. */
export const replicate: Vendor = {
  name: "replicate",
  routes: [
    "POST /v1/models/{owner}/{name}/predictions",
    "POST /v1/deployments/{owner}/{name}/predictions",
    "POST /v1/predictions",
    "GET /v1/predictions",
    "GET /v1/predictions/{id}",
    "POST /v1/predictions/{id}/cancel",
    "GET /v1/models/{owner}/{name}",
    "POST /v1/files",
    "GET /v1/files/{id}",
    "GET /v1/webhooks/default/secret",
    "GET /v1/account",
  ],
  credentialOf,
  answer,
  fail,
  errorFrame: () => "",
};
