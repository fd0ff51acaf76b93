import { isBase64, standardBase64 } from "../canonical/base64.ts";
import { objectOf, textOf } from "../canonical/fields.ts";
import { trueMediaType } from "../canonical/media-signature.ts";
import type { FilePart, ImagePart, Part, TextPart, ToolResultPart } from "../canonical/parts.ts";
import type { CallIds } from "./call-ids.ts";
import { readCode, readCodeResult } from "./hosted.ts";
import { type MediaPart, mediaPart, sourceOfUri } from "./media.ts";
import { invalid, Members } from "./members.ts";
import { realSignature, reasoningOf } from "./seals.ts";

/** Members of which a part has exactly one (SDK type Part). */
const DATA = ["text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult", "toolCall", "toolResponse"] as const;
/** Members that say something about the data beside them. They travel as an opaque part behind the part they belong to. */
export const MODIFIERS = ["videoMetadata", "mediaResolution", "partMetadata", "mediaProcessing", "speechMetadata"] as const;

/** What decoding one part needs of the turns before it. */
export interface PartContext {
  ids: CallIds;
  /** ids of executed code, in order */
  codeIds: string[];
  /** members without a place in the canonical form, by path */
  own: Map<string, unknown>;
  /** the caller's names of what is decoded, for reports */
  fields: Partial<Record<string, string>>;
}

/** One part of a request. Throws invalidRequest for wrong types, broken base64, two kinds of data at once, and results without their call. */
export function decodePart(value: unknown, path: string, context: PartContext): Part[] {
  const part = Members.of(value, path);
  const data = DATA.filter((name) => part.has(name));
  const [kind] = data;
  if (data.length > 1) throw invalid(path, `holds both ${data[0]} and ${data[1]}; a part has one of them.`);
  const given = part.text("thoughtSignature");
  if (given !== undefined && given !== "" && !isBase64(given, "either")) throw invalid(part.at("thoughtSignature"), "must be base64.");
  const signature = realSignature(given);
  const thought = part.flag("thought") ?? false;
  const modifiers = MODIFIERS.filter((name) => part.has(name));
  if (kind === undefined) {
    if (signature !== undefined) return [reasoningOf("", signature)];
    const [first] = part.rest();
    if (!first) throw invalid(path, "must not be empty.");
    return [{ type: "opaque", dialect: "gemini", name: first[0], value }];
  }
  const parts = decodeData(kind, part, thought, signature, value, context);
  // Right behind the data that they modify, before a seal.
  parts.splice(1, 0, ...modifiers.map((name): Part => ({ type: "opaque", dialect: "gemini", name, value: { [name]: part.value(name) } })));
  for (const [name, member] of part.rest()) context.own.set(part.at(name), member);
  return parts;
}

function decodeData(kind: (typeof DATA)[number], part: Members, thought: boolean, signature: string | undefined, value: unknown, context: PartContext): Part[] {
  switch (kind) {
    case "text": {
      const text = part.text("text") ?? "";
      if (thought || (text === "" && signature !== undefined)) return [reasoningOf(text, signature)];
      return withSeal({ type: "text", text }, signature);
    }
    case "inlineData":
      return withSeal(decodeInline(Members.of(part.value(kind), part.at(kind)), context.own), signature);
    case "fileData":
      return withSeal(fileOf(Members.of(part.value(kind), part.at(kind)), context), signature);
    case "functionCall":
      return [decodeCall(Members.of(part.value(kind), part.at(kind)), signature, context)];
    case "functionResponse":
      return [decodeResult(Members.of(part.value(kind), part.at(kind)), context)];
    case "executableCode": {
      const code = Members.of(part.value(kind), part.at(kind));
      const id = code.text("id") ?? `code_${context.codeIds.length}`;
      context.codeIds.push(id);
      return withSeal(readCode({ language: code.text("language"), code: code.text("code") }, id), signature);
    }
    case "codeExecutionResult": {
      const result = Members.of(part.value(kind), part.at(kind));
      const callId = result.text("id") ?? context.codeIds.at(-1);
      if (callId === undefined) throw invalid(part.at(kind), "stands before any executableCode.");
      return withSeal(readCodeResult({ outcome: result.text("outcome"), output: result.text("output") }, callId), signature);
    }
    default:
      // Google's own tools that ran on its side: they mean nothing elsewhere.
      Members.of(part.value(kind), part.at(kind));
      return [{ type: "opaque", dialect: "gemini", name: kind, value }];
  }
}

/** A seal on something that is no thinking follows it as thinking without words. */
function withSeal(part: Part, signature: string | undefined): Part[] {
  return signature === undefined ? [part] : [part, reasoningOf("", signature)];
}

function decodeInline(blob: Members, own: Map<string, unknown>): MediaPart {
  const [mediaType, given] = [blob.text("mimeType"), blob.text("data")];
  if (!mediaType) throw invalid(blob.at("mimeType"), "is missing.");
  if (!given || !isBase64(given, "either")) throw invalid(blob.at("data"), "must be base64.");
  const name = blob.text("displayName");
  for (const [member, value] of blob.rest()) own.set(blob.at(member), value);
  // Google reads both alphabets, other vendors the standard one only.
  const data = standardBase64(given);
  const known = trueMediaType(mediaType, data);
  if (known === undefined) throw invalid(blob.at("data"), `holds no ${mediaType.slice(0, 100)}: its bytes are of no such file.`);
  return mediaPart(known, { kind: "base64", mediaType: known, data }, name);
}

function fileOf(file: Members, { own, fields }: PartContext): MediaPart {
  const part = decodeFile(file, own);
  fields[`parts.${part.type}`] = "fileData";
  return part;
}

function decodeFile(file: Members, own: Map<string, unknown>): MediaPart {
  const [url, mediaType] = [file.text("fileUri"), file.text("mimeType")];
  if (!url) throw invalid(file.at("fileUri"), "is missing.");
  const name = file.text("displayName");
  for (const [member, value] of file.rest()) own.set(file.at(member), value);
  return mediaPart(mediaType, sourceOfUri(url, mediaType), name);
}

function decodeCall(call: Members, signature: string | undefined, { ids, own }: PartContext): Part {
  const name = call.text("name");
  if (!name) throw invalid(call.at("name"), "is missing.");
  const args = call.object("args");
  const id = ids.call(name, call.text("id") || undefined, call.at("id"));
  for (const [member, value] of call.rest()) own.set(call.at(member), value);
  const part: Part = { type: "tool-call", id, name, arguments: JSON.stringify(args ? call.value("args") : {}) };
  return signature === undefined ? part : { ...part, signature };
}

function decodeResult(result: Members, { ids, own }: PartContext): ToolResultPart {
  const name = result.text("name");
  if (!name) throw invalid(result.at("name"), "is missing.");
  const callId = ids.result(name, result.text("id") || undefined, result.path);
  const response = result.object("response") ? objectOf(result.value("response")) : {};
  const { text, isError } = readResponse(response);
  const parts: ToolResultPart["parts"] = [{ type: "text", text }];
  for (const [index, item] of (result.list("parts") ?? []).entries()) {
    const member = Members.of(item, `${result.at("parts")}[${index}]`);
    const [inline, file] = [member.object("inlineData"), member.object("fileData")];
    const media = inline ? decodeInline(inline, own) : file ? decodeFile(file, own) : undefined;
    if (media) parts.push(intoResult(media));
    for (const [key, value] of member.rest()) own.set(member.at(key), value);
  }
  for (const [member, value] of result.rest()) own.set(result.at(member), value);
  return { type: "tool-result", callId, name, parts, ...(isError ? { isError } : {}) };
}

/** A tool result has no sound or video of its own: they are files in it. */
function intoResult(media: MediaPart): TextPart | ImagePart | FilePart {
  return media.type === "image" || media.type === "file" ? media : { type: "file", source: media.source };
}

/** SDK type FunctionResponse: "output" holds the result and "error" what went wrong; without them the whole object is the result. */
function readResponse(response: Record<string, unknown>): { text: string; isError: boolean } {
  const [name, ...others] = Object.keys(response);
  if (others.length === 0 && (name === "output" || name === "error")) return { text: textOf(response[name], ""), isError: name === "error" };
  return { text: JSON.stringify(response), isError: false };
}
