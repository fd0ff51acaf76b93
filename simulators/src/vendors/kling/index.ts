/** Kling's classic API (its documentation; there is no official SDK): films, pictures and virtual try-on, each on a path of its own. */
import { decodePath } from "../../kit/json.ts";
import { taskFile } from "../../kit/tasks/files.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { fail, refused } from "./errors.ts";
import { KINDS } from "./kinds.ts";
import { ask, list, submit } from "./tasks.ts";
import { callerOf } from "./token.ts";

const credentialOf = (headers: Headers): string => /^Bearer\s+(\S+)$/.exec(headers.get("authorization") ?? "")?.[1] ?? "";

function answer(request: Received): Answer | Promise<Answer> {
  const { method } = request;
  if (request.path.startsWith("/__files/")) return taskFile(request, "kling");
  const caller = callerOf(credentialOf(request.headers), request.now);
  if ("code" in caller) return refused(request, caller.code, caller.message);
  const path = decodePath(request.path).replace(/\/$/, "");
  const whole = KINDS[path];
  if (whole && method === "POST") return submit(request, caller.owner, path, whole);
  if (whole && method === "GET") return list(request, caller.owner, path, whole);
  const above = path.slice(0, path.lastIndexOf("/"));
  const kind = KINDS[above];
  if (kind && method === "GET") return ask(request, caller.owner, above, kind, path.slice(above.length + 1));
  return refused(request, 1202, "The requested method is invalid");
}

/** Kling on its own wire. */
export const kling: Vendor = {
  name: "kling",
  routes: Object.keys(KINDS).flatMap((path) => [`POST ${path}`, `GET ${path}`, `GET ${path}/{task_id}`]),
  credentialOf,
  answer,
  fail,
  errorFrame: () => "",
};
