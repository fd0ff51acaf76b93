/** `GET /v1/models[/{id}]` (SDK: resources/models, ModelInfo; pages by `limit`, `after_id`, `before_id`). */
import type { JsonObject } from "../../kit/json.ts";
import type { Received, WholeAnswer } from "../../kit/vendor.ts";
import { anthropicHeaders, anthropicRefusal } from "./errors.ts";

const LISTED: [id: string, name: string, created: string][] = [
  ["claude-opus-5-5", "Claude Opus 5.5", "2026-09-15T00:00:00Z"],
  ["claude-sonnet-5", "Claude Sonnet 5", "2026-06-20T00:00:00Z"],
  ["claude-opus-4-8", "Claude Opus 4.8", "2026-05-05T00:00:00Z"],
  ["claude-opus-4-5-20251101", "Claude Opus 4.5", "2025-11-24T00:00:00Z"],
  ["claude-haiku-4-5-20251001", "Claude Haiku 4.5", "2025-10-15T00:00:00Z"],
  ["claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", "2025-09-29T00:00:00Z"],
];
/** Models on a page without `limit` (API reference), and at most. */
const PAGE = 20;
const PAGE_MAX = 1000;

/** Takes a model id; tells whether it exists here: any Claude does, unless its name says that it does not. */
export const modelExists = (id: string): boolean =>
  id.startsWith("claude-") && !/not-exist|nonexist|unknown/.test(id);

/** Takes a request and a model id; gives the 404 for a model that does not exist. */
export const unknownModel = (request: Received, id: string): WholeAnswer =>
  anthropicRefusal(request, 404, `model: ${id}`);

function describe([id, name, created]: (typeof LISTED)[number]): JsonObject {
  return {
    type: "model",
    id,
    display_name: name,
    created_at: created,
    capabilities: null,
    deprecated_at: null,
    lifecycle: "active",
    line: /haiku|sonnet|opus|fable|mythos/.exec(id)?.[0] ?? null,
    max_input_tokens: 200_000,
    max_tokens: 64_000,
    retires_at: null,
  };
}

/** Takes a request and the id in its path ("" for the list); gives the answer. */
export function models(request: Received, id: string): WholeAnswer {
  const headers = anthropicHeaders(request);
  if (id !== "") {
    if (!modelExists(id)) return unknownModel(request, id);
    const found = LISTED.find(([listed]) => listed === id) ?? [id, id, "2026-01-01T00:00:00Z"];
    return { kind: "whole", status: 200, headers, body: JSON.stringify(describe(found)) };
  }
  const limit = Number(request.query.get("limit") ?? PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX)
    return anthropicRefusal(request, 400, `limit: Input should be between 1 and ${PAGE_MAX}`);
  const [after, before] = [request.query.get("after_id"), request.query.get("before_id")];
  const from = after === null ? 0 : LISTED.findIndex(([listed]) => listed === after) + 1;
  const to =
    before === null
      ? LISTED.length
      : Math.max(
          LISTED.findIndex(([listed]) => listed === before),
          0,
        );
  const page = before === null ? LISTED.slice(from, from + limit) : LISTED.slice(Math.max(to - limit, 0), to);
  const data = page.map(describe);
  const more = before === null ? from + limit < LISTED.length : to - limit > 0;
  const body = { data, has_more: more, first_id: page[0]?.[0] ?? null, last_id: page.at(-1)?.[0] ?? null };
  return { kind: "whole", status: 200, headers, body: JSON.stringify(body) };
}
