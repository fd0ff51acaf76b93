import type { Model } from "../catalog/index.ts";
import { objectOf, parseJson } from "../dialects/canonical/fields.ts";
import { JsonScan } from "../dialects/canonical/json-scan.ts";
import type { RelayCall } from "./call.ts";
import type { BodyScan } from "./request-body.ts";

/** Members that hold a conversation, by dialect. */
const CONVERSATIONS = ["input", "messages", "contents"];
/** So much of a conversation's beginning is looked at. */
const BEGINNING_BYTES = 64 * 1024;
const TEXT = /"(?:text|content)"\s*:\s*("(?:[^"\\]|\\.)+")/;

/**
 * Numbers in [0, 1) that are the same for every turn of a conversation, or undefined where each may be asked of any account: OpenAI's sealed thinking can be read by the organisation that made it only, so the turns
 * of one conversation reach the same account while that is well. Nothing is looked at before the first number is drawn, which one account alone never needs.
 */
export function drawsOf({ key }: Pick<RelayCall, "key">, scan: BodyScan, model: Pick<Model, "id" | "vendor" | "abilities">): (() => number) | undefined {
  if (model.vendor !== "openai" || !model.abilities.includes("reasoning") || !(scan instanceof JsonScan)) return undefined;
  let name: string | undefined;
  let drawn = 0n;
  return () => {
    name ??= `${key.userId} ${model.id} ${conversationOf(scan)}`;
    return Number(BigInt.asUintN(32, Bun.hash(name, drawn++))) / 2 ** 32;
  };
}

/** What stays the same from turn to turn: what the caller's client calls the session (Codex, Claude Code), else the user's first words. */
function conversationOf(scan: JsonScan): string {
  for (const told of [scan.value("prompt_cache_key"), objectOf(scan.value("metadata"))["user_id"]]) if (typeof told === "string") return told;
  const name = CONVERSATIONS.find((one) => scan.member(one) !== undefined);
  const place = name === undefined ? undefined : scan.member(name);
  if (name === undefined || !place) return "";
  const said = scan.type(name) === "string" ? scan.value(name) : undefined;
  if (typeof said === "string") return said;
  const beginning = scan.bytes.toString("utf8", place.start, Math.min(place.end, place.start + BEGINNING_BYTES));
  const users = beginning.search(/"role"\s*:\s*"user"/);
  const found = TEXT.exec(users > 0 ? beginning.slice(users) : beginning) ?? TEXT.exec(beginning);
  const words = parseJson(found?.[1] ?? '""');
  return typeof words === "string" ? words : "";
}
