/** Luma's Dream Machine API (its reference; SDK `lumaai`). */
import { taskFile } from "../../kit/tasks/files.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { fail, refused, said } from "./errors.ts";
import { ask, list, make, makeOf } from "./generations.ts";
import { CHILDREN, KINDS } from "./kinds.ts";

const BASE = "/dream-machine/v1/";
const CONCEPTS = ["aerial", "bolt_cam", "crane_down", "dolly_zoom", "elevator_doors", "handheld", "orbit_left", "orbit_right", "pan_left", "pan_right", "push_in", "static", "zoom_in", "zoom_out"];
/** US cents. */
const BALANCE = 250_000;

const credentialOf = (headers: Headers): string => /^Bearer\s+(\S+)$/.exec(headers.get("authorization") ?? "")?.[1] ?? "";

function answer(request: Received): Answer | Promise<Answer> {
  const { method, path } = request;
  if (path.startsWith("/__files/")) return taskFile(request, "luma");
  const owner = credentialOf(request.headers);
  if (owner === "") return refused(403, "Not authenticated");
  if (!/^[\w-]{6,}$/.test(owner)) return fail(request, { kind: "bad-key", status: 401 });
  const route = path.startsWith(BASE) ? path.slice(BASE.length).replace(/\/$/, "") : "";
  if (method === "GET" && route === "ping") return said(200, { message: "pong" });
  if (method === "GET" && route === "credits") return said(200, { credit_balance: BALANCE });
  if (method === "GET" && route === "generations/concepts/list") return said(200, CONCEPTS);
  if (method === "GET" && route === "generations") return list(request, owner);
  // the bare path is the older name of the first kind
  const kind = method === "POST" ? KINDS[route === "generations" ? "video" : route.replace(/^generations\//, "")] : undefined;
  if (kind) return make(request, owner, kind);
  const [, id = "", child = ""] = /^generations\/([\w-]+)(?:\/(\w+))?$/.exec(route) ?? [];
  const ofAnother = CHILDREN[child];
  if (method === "POST" && ofAnother) return makeOf(request, owner, id, ofAnother);
  return id !== "" && child === "" && (method === "GET" || method === "DELETE") ? ask(request, owner, id) : refused(404, "Not Found");
}

/** Luma on its own wire. */
export const luma: Vendor = {
  name: "luma",
  routes: [
    `POST ${BASE}generations`,
    ...Object.keys(KINDS).map((kind) => `POST ${BASE}generations/${kind}`),
    ...Object.keys(CHILDREN).map((kind) => `POST ${BASE}generations/{id}/${kind}`),
    ...["generations", "generations/{id}", "generations/concepts/list", "credits", "ping"].map((route) => `GET ${BASE}${route}`),
    `DELETE ${BASE}generations/{id}`,
  ],
  credentialOf,
  answer,
  fail,
  errorFrame: () => "",
};
