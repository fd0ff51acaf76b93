import { refuseTwice, wrongType } from "../dialects/canonical/fields.ts";
import type { JsonEdit, JsonScan } from "../dialects/canonical/json-scan.ts";
import { GatewayError } from "../errors/gateway-error.ts";

/** What makes thinking worth something in a later request (`ResponseIncludable` of the `openai` SDK). */
const SEALED_REASONING = "reasoning.encrypted_content";
/** So much of a caller's id is repeated in an error. */
export const TOLD_ID_LENGTH_MAX = 200;

/** What a request wants of state that is kept between requests. */
export interface StateWish {
  store: boolean;
  previous: string | undefined;
}

/** Reads it. Throws GatewayError for wrong types and for state that is not kept here. */
export function readStateWish(scan: JsonScan): StateWish {
  for (const name of ["store", "previous_response_id", "conversation", "background", "include"]) refuseTwice(scan, name);
  if (![undefined, "null"].includes(scan.type("conversation")))
    throw new GatewayError("invalidRequest", { publicText: 'Conversation objects are not kept here. Go on from a response with "previous_response_id" instead of "conversation".', param: "conversation" });
  if (scan.value("background") === true)
    throw new GatewayError("invalidRequest", { publicText: 'Responses are not made in the background here. Leave out "background" and use "stream" for long answers.', param: "background" });
  const store = scan.value("store") ?? true;
  if (typeof store !== "boolean") throw wrongType("store", "true or false");
  const type = scan.type("previous_response_id");
  if (type === undefined || type === "null") return { store, previous: undefined };
  if (type !== "string") throw wrongType("previous_response_id", "a text");
  return { store, previous: String(scan.value("previous_response_id")) };
}

/** `"name": value` in the body's outermost object: in the place of what stands there, else at its beginning. */
export function setMember(scan: JsonScan, name: string, json: string): JsonEdit {
  const member = scan.member(name);
  if (member) return { start: member.start, end: member.end, text: json };
  const at = scan.bytes.indexOf("{") + 1;
  return { start: at, end: at, text: `${JSON.stringify(name)}:${json}${scan.members.length > 0 ? "," : ""}` };
}

/** Takes a member out of the body's outermost object, with the comma that parts it from the others. Among several edits it stands last, since others may begin where it does. */
export function removeMember(scan: JsonScan, name: string): JsonEdit | undefined {
  const member = scan.member(name);
  if (!member) return undefined;
  const isSpace = (at: number): boolean => /\s/.test(String.fromCharCode(scan.bytes[at] ?? 0));
  let end = member.end;
  while (isSpace(end)) end += 1;
  if (scan.bytes[end] === 0x2c) return { start: member.keyStart, end: end + 1, text: "" };
  let start = member.keyStart;
  while (isSpace(start - 1)) start -= 1;
  return { start: scan.bytes[start - 1] === 0x2c ? start - 1 : start, end: member.end, text: "" };
}

/** Asks for sealed thinking beside what the caller includes; undefined when that is asked for, or is no list. */
export function includeReasoning(scan: JsonScan): JsonEdit | undefined {
  const given = scan.value("include") ?? [];
  if (!Array.isArray(given) || given.includes(SEALED_REASONING)) return undefined;
  return setMember(scan, "include", JSON.stringify([...given, SEALED_REASONING]));
}
