import { isTextual } from "../dialects/canonical/media-types.ts";
import type { Part } from "../dialects/canonical/parts.ts";
import type { CanonicalRequest, Tool } from "../dialects/canonical/request.ts";
import { mediaTokens } from "./media-tokens.ts";

/** Tokens around each message, its role among them, of a participant's name, and before the answer (OpenAI cookbook, "How to count tokens with tiktoken"). */
const PER_MESSAGE = 4;
const PER_NAME = 1;
const BEFORE_ANSWER = 3;

/** A request as far as it counts. */
export interface CountedContent {
  texts: string[];
  /** tokens of all that is no text: media, and what stands around the messages */
  otherTokens: number;
  /** characters of the texts */
  characters: number;
}

/**
 * What of a request counts as prompt: the texts of all messages, names and arguments of tool calls, results, visible thinking, descriptions and schemas of tools and of the answer's format; media
 * by `mediaTokens`. Sealed thinking counts nothing (its length says little), nor does what the vendor adds for tools of its own. `charactersMax`: more text than that is not
 * made into JSON or decoded any more, only its length counts.
 */
export function countedContent(request: CanonicalRequest, charactersMax: number): CountedContent {
  const content: CountedContent = { texts: [], otherTokens: BEFORE_ANSWER, characters: 0 };
  const add = (text: string | undefined): void => {
    if (text === undefined || text === "") return;
    content.characters += text.length;
    content.texts.push(text);
  };
  const addJson = (value: unknown): void => {
    if (value === undefined) return;
    const left = charactersMax - content.characters;
    const size = sizeWithin(value, left);
    if (size > left) content.characters += size;
    else add(JSON.stringify(value));
  };
  const addPart = (part: Part): void => {
    switch (part.type) {
      case "text":
      case "refusal":
      case "reasoning":
        return add(part.text);
      case "image":
        content.otherTokens += mediaTokens("image", part.source, part.detail);
        return;
      case "audio":
        if (part.transcript !== undefined) return add(part.transcript);
        content.otherTokens += mediaTokens("audio", part.source);
        return;
      case "video":
        content.otherTokens += mediaTokens("video", part.source);
        return;
      case "file": {
        add(part.name);
        add(part.context);
        const { source } = part;
        if (source.kind !== "base64" || !isTextual(source.mediaType)) content.otherTokens += mediaTokens("file", source);
        else if (source.data.length > charactersMax - content.characters) content.characters += source.data.length;
        else add(Buffer.from(source.data, "base64").toString());
        return;
      }
      case "tool-call":
        add(part.name);
        return add(part.arguments);
      case "tool-result":
        for (const inner of part.parts) addPart(inner);
        return;
      case "hosted-call":
        add(part.name);
        return add(part.input);
      case "hosted-result":
        add(part.output);
        for (const source of part.sources ?? []) {
          add(source.url);
          add(source.title);
        }
        return;
      case "opaque":
        return addJson(part.value);
    }
  };
  for (const message of request.messages) {
    content.otherTokens += PER_MESSAGE;
    if (message.name !== undefined) {
      content.otherTokens += PER_NAME;
      add(message.name);
    }
    for (const part of message.parts) addPart(part);
  }
  for (const tool of request.tools ?? []) addJson(describedTool(tool));
  if (request.format?.type === "json-schema") addJson(request.format.schema);
  return content;
}

/** What of a tool the model reads; undefined for those that the vendor describes itself. */
function describedTool(tool: Tool): unknown {
  if (tool.type === "function") return { name: tool.name, description: tool.description, parameters: tool.parameters };
  if (tool.type === "custom") return { name: tool.name, description: tool.description, format: tool.format };
  return tool.type === "opaque" ? tool.value : undefined;
}

/** About how many characters a value has as JSON; stops counting beyond `max`. Level by level, so that depth costs no stack. */
function sizeWithin(value: unknown, max: number): number {
  let size = 0;
  const left = [value];
  while (left.length > 0 && size <= max) {
    const one = left.pop();
    size += typeof one === "string" ? one.length + 3 : 2;
    if (typeof one !== "object" || one === null) continue;
    for (const [name, inner] of Object.entries(one)) {
      if (!Array.isArray(one)) size += name.length + 3;
      left.push(inner);
    }
  }
  return size;
}
