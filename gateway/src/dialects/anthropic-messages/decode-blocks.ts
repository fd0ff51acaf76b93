import { isBase64 } from "../canonical/base64.ts";
import { unpackCallSeal } from "../canonical/foreign-seal.ts";
import { trueMediaType } from "../canonical/media-signature.ts";
import type { MediaSource } from "../canonical/media.ts";
import type { CacheMark, FilePart, ImagePart, Part, TextPart, ToolCallPart, ToolResultPart } from "../canonical/parts.ts";
import { readCitations } from "./citations.ts";
import { readForeignSignature } from "./seals.ts";
import { readHostedCall, readHostedResult } from "./hosted.ts";
import { fault, listAt, nameAt, objectAt, optionalFlag, optionalObject, optionalText, textAt, type Words } from "./request-words.ts";

/** Content blocks one message may have; the vendor tells no limit, and no conversation comes near. */
const BLOCKS_MAX = 100_000;

/** What is read along with the parts of one message. */
export interface BlockNotes {
  /** signatures of tool calls (Gemini), by call id: their blocks may stand before or behind the call */
  callSignatures: Map<string, string>;
  /** wishes within blocks that have no place in the canonical form: what only this dialect can be told, by the names under which it is reported elsewhere */
  lost: Set<string>;
}

/** `content` of a message: a text, or a list of blocks. Throws GatewayError. */
export function readContent(content: unknown, at: string, notes: BlockNotes): Part[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (content === undefined || content === null) throw fault(at, "Field required");
  return listAt(content, at, BLOCKS_MAX).flatMap((block, index) => readBlock(objectAt(block, `${at}.${index}`), `${at}.${index}`, notes));
}

/** The mark of `cache_control`, if any. */
export function readCacheMark(block: Words, at: string): { cache?: CacheMark } {
  const control = optionalObject(block["cache_control"], `${at}.cache_control`);
  if (!control) return {};
  const ttl = control["ttl"];
  if (ttl !== undefined && ttl !== null && ttl !== "5m" && ttl !== "1h") throw fault(`${at}.cache_control.ttl`, "Input should be '5m' or '1h'");
  return { cache: ttl === "5m" || ttl === "1h" ? { ttl } : {} };
}

function readBlock(block: Words, at: string, notes: BlockNotes): Part[] {
  const type = nameAt(block["type"], `${at}.type`);
  switch (type) {
    case "text":
    case "image":
    case "document":
    case "search_result":
      return readPlainBlock(block, type, at, notes);
    case "tool_use":
      return [readToolUse(block, at)];
    case "tool_result":
      return [readToolResult(block, at, notes)];
    case "thinking": {
      const text = textAt(block["thinking"], `${at}.thinking`);
      const signature = textAt(block["signature"], `${at}.signature`);
      return [readForeignSignature(text, signature) ?? { type: "reasoning", text, signature, sealedBy: "anthropic-messages" }];
    }
    case "redacted_thinking": {
      const data = textAt(block["data"], `${at}.data`);
      const call = unpackCallSeal(data);
      if (!call) return [{ type: "reasoning", text: "", encrypted: data, sealedBy: "anthropic-messages" }];
      notes.callSignatures.set(call.callId, call.signature);
      return [];
    }
    default:
      return [readServerBlock(block, type, at)];
  }
}

/** Blocks of server tools; what only Anthropic understands is kept for it unchanged. */
function readServerBlock(block: Words, type: string, at: string): Part {
  if (type === "server_tool_use") {
    const call = readHostedCall(block, nameAt(block["id"], `${at}.id`));
    if (call) return call;
  } else if (type.endsWith("_tool_result")) {
    nameAt(block["tool_use_id"], `${at}.tool_use_id`);
    const result = readHostedResult(block);
    if (result) return result;
  }
  return { type: "opaque", dialect: "anthropic-messages", name: type, value: block };
}

function readPlainBlock(block: Words, type: "text" | "image" | "document" | "search_result", at: string, notes: BlockNotes): (TextPart | ImagePart | FilePart)[] {
  const cache = readCacheMark(block, at);
  if (type === "text") {
    const part: TextPart = { type: "text", text: textAt(block["text"], `${at}.text`), ...cache };
    const citations = readCitations(block["citations"]);
    // Sources that an answer of ours told behind their text (encode-stream.ts): without words there is nothing for a model to read.
    if (citations && part.text === "") return [];
    if (citations) part.citations = citations;
    return [part];
  }
  if (type === "image") return [{ type: "image", source: readSource(objectAt(block["source"], `${at}.source`), `${at}.source`), ...cache }];
  if (type === "document") return readDocument(block, at, cache, notes);
  // Other dialects have no search results: the text is what the model must read, and the answer cites none of it.
  if (optionalFlag(optionalObject(block["citations"], `${at}.citations`)?.["enabled"], `${at}.citations.enabled`)) notes.lost.add("search_result.citations");
  const texts = readInner(block["content"], `${at}.content`, ["text"], notes).map((part) => (part.type === "text" ? part.text : ""));
  const head = [textAt(block["title"], `${at}.title`), textAt(block["source"], `${at}.source`)].join("\n");
  return [{ type: "text", text: `${head}\n\n${texts.join("\n")}`, ...cache }];
}

/** Blocks within a block (SDK: ContentBlockSourceContent, SearchResultBlockParam.content): these types only, so that nothing nests without end. */
function readInner(content: unknown, at: string, types: readonly ("text" | "image")[], notes: BlockNotes): (TextPart | ImagePart | FilePart)[] {
  return listAt(content, at, BLOCKS_MAX).flatMap((item, index) => {
    const block = objectAt(item, `${at}.${index}`);
    const type = types.find((allowed) => allowed === block["type"]);
    if (type === undefined) throw fault(`${at}.${index}.type`, `Input should be ${types.map((allowed) => `'${allowed}'`).join(" or ")}`);
    return readPlainBlock(block, type, `${at}.${index}`, notes);
  });
}

function readDocument(block: Words, at: string, cache: { cache?: CacheMark }, notes: BlockNotes): (TextPart | ImagePart | FilePart)[] {
  const source = objectAt(block["source"], `${at}.source`);
  const [title, context] = [optionalText(block["title"], `${at}.title`), optionalText(block["context"], `${at}.context`)];
  const citable = optionalFlag(optionalObject(block["citations"], `${at}.citations`)?.["enabled"], `${at}.citations.enabled`);
  if (source["type"] === "content") {
    // A document made of blocks: its blocks are the document.
    const plain = typeof source["content"] === "string" ? [{ type: "text" as const, text: source["content"] }] : readInner(source["content"], `${at}.source.content`, ["text", "image"], notes);
    if (citable) notes.lost.add("document.citations");
    const head = [title, context].filter((text) => text !== undefined && text !== "").join("\n");
    if (head !== "") plain.unshift({ type: "text", text: head });
    const last = plain.at(-1);
    return last && cache.cache ? [...plain.slice(0, -1), { ...last, ...cache }] : plain;
  }
  const part: FilePart = { type: "file", source: readSource(source, `${at}.source`), ...cache };
  if (title !== undefined) part.name = title;
  if (context !== undefined) part.context = context;
  if (citable !== undefined) part.citable = citable;
  return [part];
}

/** SDK: Base64ImageSource, Base64PDFSource, PlainTextSource, URLImageSource, URLPDFSource, FileImageSource, FileDocumentSource. */
function readSource(source: Words, at: string): MediaSource {
  switch (source["type"]) {
    case "base64": {
      const data = readBase64(source["data"], `${at}.data`);
      const said = nameAt(source["media_type"], `${at}.media_type`);
      const mediaType = trueMediaType(said, data);
      if (mediaType === undefined) throw fault(`${at}.data`, `Input should be a valid ${said.slice(0, 100)}`);
      return { kind: "base64", mediaType, data };
    }
    case "text":
      return { kind: "base64", mediaType: "text/plain", data: Buffer.from(textAt(source["data"], `${at}.data`)).toString("base64") };
    case "url": {
      const url = nameAt(source["url"], `${at}.url`);
      if (!/^https?:\/\//i.test(url)) throw fault(`${at}.url`, "Input should be a valid http or https address");
      return { kind: "url", url };
    }
    case "file":
      return { kind: "file-id", id: nameAt(source["file_id"], `${at}.file_id`), keeper: "anthropic" };
    default:
      throw fault(`${at}.type`, "Input should be 'base64', 'text', 'url', 'content' or 'file'");
  }
}

/** Base64 as clients send it, line breaks included, which no other vendor takes. */
function readBase64(value: unknown, at: string): string {
  const given = nameAt(value, at);
  const data = /\s/.test(given) ? given.replaceAll(/\s+/g, "") : given;
  if (!isBase64(data)) throw fault(at, "Input should be valid base64");
  return data;
}

function readToolUse(block: Words, at: string): ToolCallPart {
  const id = nameAt(block["id"], `${at}.id`);
  const input = optionalObject(block["input"], `${at}.input`) ?? {};
  return { type: "tool-call", id, name: nameAt(block["name"], `${at}.name`), arguments: JSON.stringify(input), ...readCacheMark(block, at) };
}

function readToolResult(block: Words, at: string, notes: BlockNotes): ToolResultPart {
  const part: ToolResultPart = { type: "tool-result", callId: nameAt(block["tool_use_id"], `${at}.tool_use_id`), parts: [], ...readCacheMark(block, at) };
  const isError = optionalFlag(block["is_error"], `${at}.is_error`);
  if (isError !== undefined) part.isError = isError;
  const { content } = block;
  if (typeof content === "string") part.parts = [{ type: "text", text: content }];
  else if (content !== undefined && content !== null)
    part.parts = listAt(content, `${at}.content`, BLOCKS_MAX).flatMap((item, index) => {
      const place = `${at}.content.${index}`;
      const inner = objectAt(item, place);
      const type = nameAt(inner["type"], `${place}.type`);
      if (type === "text" || type === "image" || type === "document" || type === "search_result") return readPlainBlock(inner, type, place, notes);
      // Tool references, browser states: the model reads them as what they say.
      return [{ type: "text" as const, text: JSON.stringify(inner) }];
    });
  return part;
}
