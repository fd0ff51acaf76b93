/** The OpenAI-compatible family: one simulator, told by quirks.ts whom it plays. */
import { asList, asObject, asText } from "../../kit/json.ts";
import { servedFile } from "../../kit/tasks/files.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { familyAnswer } from "./answer.ts";
import { FAMILY, type Quirks } from "./quirks.ts";
import { familyErrorFrame, familyFailure, refusal, refused } from "./refusals.ts";

const credentialOf = (headers: Headers): string => (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");
const missing = /not-exist|nonexist|unknown/;

function answer(quirks: Quirks, request: Received): Answer | Promise<Answer> {
  if (quirks.beside && request.method === "GET" && request.path.startsWith("/__files/")) return servedFile(request, quirks.name);
  const key = credentialOf(request.headers);
  if (!quirks.keyless && !/^[\w-]{6,}$/.test(key)) return refusal(quirks, ...quirks.badKey);
  if (quirks.balance && request.method === "GET" && request.path === quirks.balance.path) return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(quirks.balance.answer) };
  const prefix = quirks.prefixes.find((one) => request.path === `${one}/chat/completions` || (quirks.beside && request.path.startsWith(`${one}/`)) || request.path.startsWith(`${one}/models`) || request.path === `${one}/key`);
  const route = prefix === undefined ? "" : `${request.method} ${request.path.slice(prefix.length)}`;
  if (route === "GET /models" || route === "GET /key" || (quirks.cites && request.method === "GET"))
    return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ object: "list", data: [] }) };
  const beside = quirks.beside?.answer(request, route, key);
  if (beside) return beside;
  if (route !== "POST /chat/completions") return refusal(quirks, 404, "not_found", `Invalid URL (${request.method} ${request.path})`);
  const body = asObject(request.json);
  const model = asText(body["model"]);
  if (model === "" || asList(body["messages"]).length === 0) return refusal(quirks, 400, "invalid_request_error", "model and messages are required");
  const fault = refused(quirks, body);
  if (fault) return fault;
  if (!quirks.models.test(model) || missing.test(model)) return refusal(quirks, 404, "model_not_found", `The model \`${model}\` does not exist or you do not have access to it.`);
  return familyAnswer(quirks, request);
}

/** Files of the other API's tasks lie at the host itself. */
const houseOf = ({ house }: Quirks, { path }: Received): Vendor | undefined => (house && (path.startsWith(house.prefix) || path.startsWith("/__files/")) ? house.vendor : undefined);

const vendorOf = (quirks: Quirks): Vendor => ({
  name: quirks.name,
  routes: quirks.prefixes.flatMap((prefix) => [`POST ${prefix}/chat/completions`, `GET ${prefix}/models`, ...(quirks.beside?.routes.map((route) => route.replace(" ", ` ${prefix}`)) ?? [])]).concat(quirks.house?.vendor.routes ?? []),
  credentialOf,
  answer: (request) => houseOf(quirks, request)?.answer(request) ?? answer(quirks, request),
  fail: (request, failure) => houseOf(quirks, request)?.fail(request, failure) ?? quirks.beside?.fail?.(request, failure) ?? familyFailure(quirks, request, failure),
  errorFrame: (request, failure) => familyErrorFrame(quirks, request, failure),
});

/** Every vendor of the family on its own wire. */
export const compatible: Vendor[] = FAMILY.map(vendorOf);
