import type { Catalog } from "../catalog/index.ts";
import { applyEdits, type JsonEdit, type JsonScan } from "../dialects/canonical/json-scan.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { ConversationMemory, Remembered, RelayCall } from "../relay/call.ts";
import { type Conversation, historyOf, isId, type Item, itemsById, itemsOf, resolved, wantedIds } from "./items.ts";
import { ResponseObserver } from "./observer.ts";
import { includeReasoning, readStateWish, removeMember, setMember, TOLD_ID_LENGTH_MAX } from "./request.ts";
import { type ResponseShelf, STORED_BYTES_MAX } from "./shelf.ts";

/** The member by which an input may refer to something kept; without it the input need not be read. */
const REFERENCE = '"id"';

/**
 * The state of `POST /v1/responses`, kept by us and not by any vendor: channels are different accounts, and most vendors keep nothing. Before a request goes anywhere, what it refers to is put
 * in its place: `previous_response_id` becomes the whole conversation (without the earlier `instructions`, which the API does not carry over), `item_reference` the item itself.
 * Vendors are told `store: false`, and OpenAI's reasoning models are asked for sealed reasoning, without which their thinking would be lost to the next turn.
 * A request that says `store: false` and refers to nothing stays as it is, byte for byte, and so does its answer.
 */
export class Conversations implements ConversationMemory {
  constructor(
    private readonly shelf: ResponseShelf,
    private readonly catalog: () => Catalog,
  ) {}

  /** Throws GatewayError for references to nothing, and for state that is not kept here. */
  async begin(call: RelayCall, scan: JsonScan): Promise<Remembered | undefined> {
    if (scan.members.length === 0) return undefined;
    const wish = readStateWish(scan);
    const previous = wish.previous === undefined ? undefined : await this.previous(call, wish.previous);
    const history = previous ? historyOf(previous) : { items: [], ids: [] };
    const own = await this.ownInput(call, scan, previous);
    const historyText = history.items.length > 0 ? JSON.stringify(history.items).slice(1, -1) : "";
    const input = inputText(scan, own);
    const wanted = call.endpoint.billable && wish.store;
    const store = wanted && this.shelf.keeps && input !== undefined && historyText.length + input.length <= STORED_BYTES_MAX;
    if (wanted && !store && call.headers["x-yescale-strict"] === "1") throw notKept(this.shelf.keeps);
    const edits = this.edits(scan, { previous: previous !== undefined, historyText, input, own, wanted, store });
    if (edits.length === 0) return undefined;
    const asked = store
      ? { userId: call.key.userId, keyId: call.key.id, model: String(scan.value("model")), history: history.items, historyIds: history.ids, historyBytes: historyText.length, input: input ?? "[]" }
      : undefined;
    return {
      body: applyEdits(scan.bytes, edits),
      observer: wanted || previous ? new ResponseObserver(this.shelf, asked, wish.previous) : undefined,
      ...(wanted && !store ? { dropped: "store" } : {}),
    };
  }

  private async previous(call: RelayCall, id: string): Promise<Conversation> {
    const found = isId(id) ? await this.shelf.find(call.key.userId, id) : undefined;
    if (found) return found;
    throw new GatewayError("previousResponseNotFound", { publicText: `Previous response with id '${id.slice(0, TOLD_ID_LENGTH_MAX)}' not found.`, param: "previous_response_id" });
  }

  /** The request's own input with everything it refers to in its place; undefined when it refers to nothing. */
  private async ownInput(call: RelayCall, scan: JsonScan, previous: Conversation | undefined): Promise<Item[] | undefined> {
    const member = scan.member("input");
    if (!member || scan.type("input") !== "array" || !scan.bytes.subarray(member.start, member.end).includes(REFERENCE)) return undefined;
    const items = itemsOf(scan.value("input"));
    const ids = wantedIds(items);
    if (ids.length === 0) return undefined;
    const kept = itemsById(previous ? [previous] : []);
    const unknown = ids.filter((id) => !kept.has(id) && isId(id));
    if (unknown.length > 0) for (const [id, item] of itemsById(await this.shelf.withItems(call.key.userId, unknown))) kept.set(id, item);
    return resolved(items, kept, (id) => {
      throw new GatewayError("notFound", { publicText: `Item with id '${id.slice(0, TOLD_ID_LENGTH_MAX)}' not found.`, param: "input" });
    });
  }

  private edits(scan: JsonScan, how: { previous: boolean; historyText: string; input: string | undefined; own: Item[] | undefined; wanted: boolean; store: boolean }): JsonEdit[] {
    const edits: JsonEdit[] = [];
    if ((how.previous || how.own) && how.input !== undefined) {
      const items = how.input.slice(1, -1).trim();
      edits.push(setMember(scan, "input", `[${[how.historyText, items].filter((text) => text !== "").join(",")}]`));
    }
    if (how.wanted) edits.push(setMember(scan, "store", "false"));
    const reasoning = how.store && this.sealsReasoning(scan) ? includeReasoning(scan) : undefined;
    if (reasoning) edits.push(reasoning);
    const previous = how.previous ? removeMember(scan, "previous_response_id") : undefined;
    // Last: what is set at the body's beginning goes before what is removed there.
    return previous ? [...edits, previous] : edits;
  }

  /** OpenAI refuses to seal what a model does not think; other vendors' thinking comes with its seal unasked. */
  private sealsReasoning(scan: JsonScan): boolean {
    const model = scan.type("model") === "string" ? this.catalog().find(String(scan.value("model"))) : undefined;
    return model?.vendor === "openai" && model.abilities.includes("reasoning");
  }
}

/** The request's own items as the JSON text of a list; undefined when `input` is of a wrong type, which the dialect refuses. */
function inputText(scan: JsonScan, own: Item[] | undefined): string | undefined {
  if (own) return JSON.stringify(own);
  const member = scan.member("input");
  const type = scan.type("input");
  if (!member || type === "null") return "[]";
  if (type === "string") return JSON.stringify(itemsOf(scan.value("input")));
  return type === "array" ? scan.bytes.toString("utf8", member.start, member.end) : undefined;
}

const notKept = (keeps: boolean): GatewayError =>
  new GatewayError("invalidRequest", {
    publicText: keeps ? `A response with more than ${STORED_BYTES_MAX / 1024 / 1024} MB of conversation is not stored, and strict mode is on.` : "This gateway stores no responses, and strict mode is on.",
    param: "store",
  });
