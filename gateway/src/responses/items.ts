import { objectOf } from "../dialects/canonical/fields.ts";
import { table } from "../table.ts";

/** One item of a conversation, in the words of OpenAI Responses. */
export type Item = Record<string, unknown>;

/** What a stored response holds. */
export interface Conversation {
  /** everything that was asked, earlier turns included, as it was sent */
  input: readonly Item[];
  /** an id for each item of `input`: its own, or one of ours */
  inputIds: readonly string[];
  /** items at the end of `input` that were new with this response */
  own: number;
  /** the finished response as the caller got it */
  response: Item;
}

/** How ids of items begin (types of the `openai` SDK, `resources/responses`); all other kinds get a plain word. */
const PREFIXES: Readonly<Record<string, string>> = table({ message: "msg", reasoning: "rs", function_call: "fc", function_call_output: "fco", custom_tool_call: "ctc", custom_tool_call_output: "ctco" });

const typeOf = (item: Item): string => (typeof item["type"] === "string" ? item["type"] : "message");
const idOf = (item: Item): string | undefined => (typeof item["id"] === "string" && item["id"] !== "" ? item["id"] : undefined);

/** `input` as a list of items; a text is one message of the user's. */
export function itemsOf(input: unknown): Item[] {
  if (typeof input === "string") return [{ type: "message", role: "user", content: input }];
  return Array.isArray(input) ? input.map(objectOf) : [];
}

/** Ids for the items that were new with a response. An id of ours holds the response's, so it is the same whenever it is made. */
export function idsFor(items: readonly Item[], responseId: string): string[] {
  const seed = responseId.replaceAll(/[^A-Za-z0-9]/g, "").replace(/^resp/, "");
  return items.map((item, place) => idOf(item) ?? `${PREFIXES[typeOf(item)] ?? "item"}_${seed}${place.toString(16).padStart(6, "0")}`);
}

export const outputOf = (conversation: Conversation): Item[] => (Array.isArray(conversation.response["output"]) ? conversation.response["output"].map(objectOf) : []);

/** Whether an id can be one of a kept response or item: longer ones, and such with spaces or control characters, are nobody's. */
export const isId = (id: string): boolean => /^[\x21-\x7e]{1,200}$/.test(id);

/** The ids by which items that came with this response may be referred to. */
export function newIds(conversation: Conversation): string[] {
  return [...conversation.inputIds.slice(conversation.inputIds.length - conversation.own), ...outputOf(conversation).flatMap((item) => idOf(item) ?? [])].filter(isId);
}

/**
 * The whole conversation as input of the next request. Thinking that nobody sealed cannot be read back by any vendor: an id alone would be looked for in an account of the
 * vendor's where it was never kept. It is left out, and with it the ids of what followed, by which OpenAI would ask for the thinking that belongs to them.
 */
export function historyOf(conversation: Conversation): { items: Item[]; ids: string[] } {
  const output = outputOf(conversation);
  const items = [...conversation.input, ...output];
  const ids = [...conversation.inputIds, ...idsFor(output, String(conversation.response["id"]))];
  const isLost = (item: Item | undefined): boolean => item !== undefined && typeOf(item) === "reasoning" && typeof item["encrypted_content"] !== "string";
  if (!items.some(isLost)) return { items, ids };
  return { items: items.filter((item) => !isLost(item)).map(withoutId), ids: ids.filter((_, place) => !isLost(items[place])) };
}

function withoutId(item: Item): Item {
  if (typeOf(item) === "reasoning") return item;
  const { id: _id, ...rest } = item;
  return rest;
}

/** Whether an item stands for one that is kept; `type` may be missing then (SDK type `ResponseInputItem.ItemReference`). */
export const isReference = (item: Item): boolean => idOf(item) !== undefined && (item["type"] === "item_reference" || ((item["type"] === undefined || item["type"] === null) && item["role"] === undefined));

/** Thinking that was sent back without its seal: worth something only with what we kept of it. */
const isBareReasoning = (item: Item): boolean => item["type"] === "reasoning" && idOf(item) !== undefined && typeof item["encrypted_content"] !== "string";

/** Ids among the items that only our store can make whole. */
export const wantedIds = (items: readonly Item[]): string[] => [...new Set(items.filter((item) => isReference(item) || isBareReasoning(item)).flatMap((item) => idOf(item) ?? []))];

/** All items of some conversations by their ids. */
export function itemsById(conversations: readonly Conversation[]): Map<string, Item> {
  const found = new Map<string, Item>();
  for (const conversation of conversations) {
    for (const [place, id] of conversation.inputIds.entries()) found.set(id, conversation.input[place] ?? {});
    for (const item of outputOf(conversation)) found.set(idOf(item) ?? "", item);
  }
  return found;
}

/** Items with what they stand for in its place. `missing` is called with the id of a reference to nothing that is kept. */
export function resolved(items: readonly Item[], kept: ReadonlyMap<string, Item>, missing: (id: string) => never): Item[] {
  return items.map((item) => {
    const id = idOf(item) ?? "";
    if (isReference(item)) return kept.get(id) ?? missing(id);
    return isBareReasoning(item) ? (kept.get(id) ?? item) : item;
  });
}

/** The input of a response as its list shows it: every item with id and, for messages, a list of parts (SDK type `ResponseItem`). */
export function listedInput(conversation: Conversation): Item[] {
  return conversation.input.map((item, place) => {
    const listed = { id: conversation.inputIds[place], type: typeOf(item), ...item };
    if (listed.type !== "message" || typeof item["content"] !== "string") return listed;
    const text = item["content"];
    const part = item["role"] === "assistant" ? { type: "output_text", text, annotations: [], logprobs: [] } : { type: "input_text", text };
    return { status: "completed", ...listed, content: [part] };
  });
}
