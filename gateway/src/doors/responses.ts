import type { KeyRecord } from "../accounts/key-record.ts";
import { objectOf } from "../dialects/canonical/fields.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { isId, type Item, listedInput } from "../responses/items.ts";
import { TOLD_ID_LENGTH_MAX } from "../responses/request.ts";
import type { ResponseShelf } from "../responses/shelf.ts";

/** What is asked of a stored response: itself, its end, the list of its input, or that it stop. */
export type ResponseAction = "retrieve" | "delete" | "input_items" | "cancel";

/** OpenAI's limits of a page (API reference, list input items). */
const PAGE_MAX = 100;
const PAGE_DEFAULT = 20;

/**
 * Stored responses, as OpenAI answers for them (`openai` SDK, `resources/responses`): one of another user's, or one whose time is over, does not exist. Throws GatewayError.
 */
export async function storedResponse(shelf: ResponseShelf, key: KeyRecord, action: ResponseAction, id: string, query: string): Promise<Response> {
  const missing = (): GatewayError => new GatewayError("notFound", { publicText: `Response with id '${id.slice(0, TOLD_ID_LENGTH_MAX)}' not found.` });
  if (!isId(id)) throw missing();
  if (action === "delete") {
    if (!(await shelf.remove(key.userId, id))) throw missing();
    return Response.json({ id, object: "response", deleted: true });
  }
  const found = await shelf.find(key.userId, id);
  if (!found) throw missing();
  const asked = new URLSearchParams(query);
  if (action === "cancel") throw new GatewayError("invalidRequest", { publicText: "Cannot cancel a synchronous response." });
  if (action === "input_items") return Response.json(page(listedInput(found), asked));
  if (asked.get("stream") === "true")
    throw new GatewayError("invalidRequest", { publicText: 'Only the stream of a response made in the background can be read again. Leave out "stream".', param: "stream" });
  return Response.json(objectOf(found.response));
}

function page(items: Item[], asked: URLSearchParams): Item {
  const order = asked.get("order") ?? "desc";
  if (order !== "asc" && order !== "desc") throw new GatewayError("invalidRequest", { publicText: '"order" must be "asc" or "desc".', param: "order" });
  const limit = Number(asked.get("limit") ?? PAGE_DEFAULT);
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) throw new GatewayError("invalidRequest", { publicText: `"limit" must be a whole number from 1 to ${PAGE_MAX}.`, param: "limit" });
  const ordered = order === "asc" ? items : items.toReversed();
  const after = asked.get("after");
  const from = after === null ? 0 : ordered.findIndex((item) => item["id"] === after) + 1;
  if (after !== null && from === 0) throw new GatewayError("invalidRequest", { publicText: `There is no item '${after.slice(0, TOLD_ID_LENGTH_MAX)}' in this response.`, param: "after" });
  const data = ordered.slice(from, from + limit);
  return { object: "list", data, first_id: data[0]?.["id"] ?? null, last_id: data.at(-1)?.["id"] ?? null, has_more: from + limit < ordered.length };
}
