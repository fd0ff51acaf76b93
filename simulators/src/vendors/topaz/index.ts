/** Topaz's video API (its reference; there is no official SDK): quote, accept, upload, complete; or the short way. */
import { asObject, isObject } from "../../kit/json.ts";
import { taskFile } from "../../kit/tasks/files.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { draftOf, isExternal, makeDraft, MODELS, quote, takePart, uploadAddresses, uploadFault } from "./drafts.ts";
import { fail, notFound, refused, said } from "./errors.ts";
import { begin, cancel, cancelEstimate, deleteFiles, status } from "./work.ts";

const credentialOf = (headers: Headers): string => headers.get("x-api-key") ?? "";

function express(request: Received, owner: string): Answer {
  const draft = makeDraft(request, owner, true);
  if ("kind" in draft) return draft;
  if (!isExternal(draft)) return said(200, { requestId: draft.id, uploadId: draft.id, uploadUrls: uploadAddresses(request, draft) });
  return { ...said(200, { requestId: draft.id, estimates: draft.estimates }), model: begin(request, owner, draft).model };
}

function create(request: Received, owner: string): Answer {
  const draft = makeDraft(request, owner, false);
  return "kind" in draft ? draft : quote(draft);
}

function accept(request: Received, owner: string, id: string): Answer {
  const draft = draftOf(request, owner, id);
  if (!draft) return notFound();
  if (draft.state !== "requested") return refused(400, "INVALID_INPUT", "Request is already accepted");
  draft.state = "accepted";
  if (!isExternal(draft)) return said(202, { uploadId: draft.id, urls: uploadAddresses(request, draft) });
  begin(request, owner, draft);
  return said(202, { message: "Request accepted" });
}

function completeUpload(request: Received, owner: string, id: string): Answer {
  const draft = draftOf(request, owner, id);
  if (!draft) return notFound();
  if (draft.state !== "accepted" || request.tasks.get("topaz", owner, id)) return refused(400, "INVALID_INPUT", "Request does not wait for an upload");
  const fault = uploadFault(draft, isObject(request.json) ? request.json : asObject(undefined));
  if (fault) return fault;
  begin(request, owner, draft);
  return said(202, { message: "Processing has been queued" });
}

function answer(request: Received): Answer | Promise<Answer> {
  const { method } = request;
  if (request.path.startsWith("/__files/")) return taskFile(request, "topaz");
  if (request.path.startsWith("/__uploads/")) {
    const { answer: taken, complete } = takePart(request);
    if (complete && !request.tasks.get("topaz", complete.owner, complete.draft.id)) begin(request, complete.owner, complete.draft);
    return taken;
  }
  const path = request.path.replace(/\/$/, "");
  if (method === "GET" && path === "/video/status") return said(200, { isAvailable: true, supportedModels: MODELS });
  const owner = credentialOf(request.headers);
  if (!/^[\w-]{6,}$/.test(owner)) return fail(request, { kind: "bad-key", status: 401 });
  const [, id = "", what = ""] = /^\/video\/([\w-]+)(?:\/([\w-]+))?$/.exec(path) ?? [];
  switch (`${method} ${path === "/video" || path === "/video/express" ? path : what}`) {
    case "POST /video":
      return create(request, owner);
    case "POST /video/express":
      return express(request, owner);
    case "PATCH accept":
      return accept(request, owner, id);
    case "PATCH complete-upload":
      return completeUpload(request, owner, id);
    case "GET status":
      return status(request, owner, id, draftOf(request, owner, id));
    case "GET cancel-estimate":
      return cancelEstimate(request, owner, id);
    case "DELETE ":
      return id === "" ? notFound() : cancel(request, owner, id, draftOf(request, owner, id));
    case "DELETE media":
      return deleteFiles(request, owner, id);
    default:
      return notFound();
  }
}

/** Topaz on its own wire. */
export const topaz: Vendor = {
  name: "topaz",
  routes: ["POST /video/", "POST /video/express", "PATCH /video/{id}/accept", "PATCH /video/{id}/complete-upload/", "GET /video/{id}/status", "GET /video/{id}/cancel-estimate", "DELETE /video/{id}", "DELETE /video/{id}/media", "GET /video/status"],
  credentialOf,
  answer,
  fail,
  errorFrame: () => "",
};
