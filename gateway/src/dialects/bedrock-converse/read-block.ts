import { objectOf, textOf } from "../canonical/fields.ts";
import type { Citation, Part, ReasoningPart } from "../canonical/parts.ts";

type Words = Record<string, unknown>;

/** One block of an answer (SDK: ContentBlock); undefined for what has no meaning here. */
export function readBlock(value: unknown): Part | undefined {
  const block = objectOf(value);
  if (typeof block["text"] === "string") return { type: "text", text: block["text"] };
  if (block["toolUse"] !== undefined) return readToolUse(objectOf(block["toolUse"]));
  if (block["reasoningContent"] !== undefined) return readReasoning(objectOf(block["reasoningContent"]));
  if (block["citationsContent"] !== undefined) return readCited(objectOf(block["citationsContent"]));
  if (block["image"] !== undefined) return readImage(objectOf(block["image"]));
  return undefined;
}

/** `server_tool_use` is a tool that Bedrock ran itself. */
function readToolUse(call: Words): Part {
  const id = textOf(call["toolUseId"], "");
  const name = textOf(call["name"], "");
  const input = JSON.stringify(call["input"] ?? {});
  return call["type"] === "server_tool_use" ? { type: "hosted-call", id, tool: "web-search", name, input } : { type: "tool-call", id, name, arguments: input };
}

function readReasoning(block: Words): ReasoningPart {
  const told = objectOf(block["reasoningText"]);
  if (typeof block["redactedContent"] === "string") return { type: "reasoning", text: "", encrypted: block["redactedContent"], sealedBy: "bedrock-converse" };
  const signature = textOf(told["signature"], "");
  return { type: "reasoning", text: textOf(told["text"], ""), ...(signature === "" ? {} : { signature, sealedBy: "bedrock-converse" }) };
}

function readCited(block: Words): Part {
  const pieces: unknown[] = Array.isArray(block["content"]) ? block["content"] : [];
  const citations: unknown[] = Array.isArray(block["citations"]) ? block["citations"] : [];
  return { type: "text", text: pieces.map((piece) => textOf(objectOf(piece)["text"], "")).join(""), citations: citations.map(readCitation) };
}

/** SDK: Citation, CitationsDelta; `location` is one of several, each under its own name. */
export function readCitation(value: unknown): Citation {
  const wire = objectOf(value);
  const citation: Citation = {};
  const pieces: unknown[] = Array.isArray(wire["sourceContent"]) ? wire["sourceContent"] : [];
  const cited = pieces.map((piece) => textOf(objectOf(piece)["text"], "")).join("");
  if (cited !== "") citation.citedText = cited;
  const title = textOf(wire["title"], "");
  if (title !== "") citation.title = title;
  const [kind, place] = Object.entries(objectOf(wire["location"]))[0] ?? [];
  const location = objectOf(place);
  const url = textOf(location["url"], "");
  if (url !== "") citation.url = url;
  const index = location["documentIndex"];
  if (typeof index === "number") citation.document = { index, ...(title === "" ? {} : { title }), location: { type: kind, ...location } };
  return citation;
}

/** An image that the model made. */
function readImage(block: Words): Part | undefined {
  const data = objectOf(block["source"])["bytes"];
  return typeof data === "string" ? { type: "image", source: { kind: "base64", mediaType: `image/${textOf(block["format"], "png")}`, data } } : undefined;
}
