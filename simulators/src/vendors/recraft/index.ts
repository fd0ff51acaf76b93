/** Recraft (its API reference): pictures from a prompt, and tools that make something of a picture. All answer when they are done. */
import { keptFile } from "../../kit/media/kept-file.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { fail, noPage, unauthorized } from "./errors.ts";
import { generate } from "./generate.ts";
import { makeStyle, TOOLS, useTool } from "./tools.ts";

const credentialOf = (headers: Headers): string => (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");

function answer(request: Received): Answer | Promise<Answer> {
  const { method, path } = request;
  if (method === "GET" && path.startsWith("/__files/")) return keptFile(request);
  if (!/^[\w-]{6,}$/.test(credentialOf(request.headers))) return unauthorized();
  if (method === "POST" && path === "/v1/images/generations") return generate(request);
  const name = path.startsWith("/v1/images/") ? path.slice("/v1/images/".length) : "";
  const tool = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined;
  if (method === "POST" && tool) return useTool(request, tool);
  if (method === "POST" && path === "/v1/styles") return makeStyle(request);
  if (method === "GET" && path === "/v1/users/me") return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ credits: 1_000, email: "someone@example.com", id: "00000000-0000-4000-8000-000000000000", name: "someone" }) };
  return noPage();
}

/** Recraft on its own wire. */
export const recraft: Vendor = { name: "recraft", routes: ["POST /v1/images/generations", ...Object.keys(TOOLS).map((tool) => `POST /v1/images/${tool}`), "POST /v1/styles", "GET /v1/users/me"], credentialOf, answer, fail, errorFrame: () => "" };
