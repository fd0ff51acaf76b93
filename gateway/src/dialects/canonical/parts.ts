import type { CodecId } from "./codec.ts";
import type { MediaSource } from "./media.ts";

/** A mark up to which the vendor may keep the prompt in its cache (Anthropic `cache_control`). */
export interface CacheMark {
  ttl?: "5m" | "1h";
}

interface Cacheable {
  cache?: CacheMark;
}

export interface TextPart extends Cacheable {
  type: "text";
  text: string;
  citations?: Citation[];
}

export interface ImagePart extends Cacheable {
  type: "image";
  source: MediaSource;
  /** OpenAI `detail`: low, high, auto, original */
  detail?: string;
}

export interface AudioPart {
  type: "audio";
  source: MediaSource;
  /** id by which the vendor knows an earlier spoken answer (OpenAI `audio.id`) */
  id?: string;
  transcript?: string;
  /** Unix seconds */
  expiresAt?: number;
}

/** What a sound is called in reports of what a target cannot be told: what the model said aloud before has a name of its own with some callers. */
export const audioFeature = (part: AudioPart): "parts.audio" | "parts.audio.spoken" => (part.id === undefined ? "parts.audio" : "parts.audio.spoken");

export interface VideoPart {
  type: "video";
  source: MediaSource;
}

/** A document: PDF, text, or anything the vendor reads as a file. */
export interface FilePart extends Cacheable {
  type: "file";
  source: MediaSource;
  name?: string;
  /** Anthropic: may the answer cite it */
  citable?: boolean;
  context?: string;
}

/** The model asks for a tool of the caller's. */
export interface ToolCallPart extends Cacheable {
  type: "tool-call";
  /** unique within the conversation; made up by the decoder where the dialect has none (Gemini) */
  id: string;
  name: string;
  /** JSON text of an object, exactly as the model wrote it; free text for a custom tool */
  arguments: string;
  /** a custom (free text) tool of OpenAI's */
  custom?: boolean;
  /** Gemini `thoughtSignature` on a function call: must come back with it in the next turn */
  signature?: string;
}

/** The caller's answer to a tool call. */
export interface ToolResultPart extends Cacheable {
  type: "tool-result";
  callId: string;
  /** the tool's name, where the dialect says it or an earlier call of that id did */
  name?: string;
  parts: (TextPart | ImagePart | FilePart)[];
  isError?: boolean;
  custom?: boolean;
}

/**
 * What the model thought. `text` is visible thinking (or a summary of it); `signature` and `encrypted` are sealed by a vendor and worth something only to it,
 * so they travel only to the dialect named in `sealedBy`.
 */
export interface ReasoningPart {
  type: "reasoning";
  text: string;
  /** the text is a summary by the vendor (OpenAI), not the thinking itself */
  summary?: boolean;
  /** Anthropic `thinking.signature`, Gemini `thoughtSignature` */
  signature?: string;
  /** OpenAI `encrypted_content`, Anthropic `redacted_thinking.data` */
  encrypted?: string;
  sealedBy?: CodecId;
  /** OpenAI Responses item id */
  id?: string;
}

export interface RefusalPart {
  type: "refusal";
  text: string;
}

/** Tools that the vendor runs on its own side. */
export type HostedTool = "web-search" | "web-fetch" | "code-execution" | "url-context" | "file-search";

/** The vendor ran one of its own tools. */
export interface HostedCallPart {
  type: "hosted-call";
  id: string;
  tool: HostedTool;
  /** the name on the wire */
  name: string;
  /** JSON text: a query, code */
  input: string;
  /** language of the code, for code execution */
  language?: string;
}

/** What that tool gave. */
export interface HostedResultPart {
  type: "hosted-result";
  callId: string;
  tool: HostedTool;
  /** pages found by a search */
  sources?: { url: string; title?: string; pageAge?: string; encrypted?: string }[];
  /** output of executed code */
  output?: string;
  isError?: boolean;
  errorCode?: string;
}

/** Something only its own dialect understands; carried there unchanged, reported as dropped elsewhere. */
export interface OpaquePart {
  type: "opaque";
  dialect: CodecId;
  /** what it is called on the wire, for the report */
  name: string;
  value: unknown;
}

/** Where a piece of the answer comes from. Positions count UTF-16 units of the text part that it belongs to. */
export interface Citation {
  url?: string;
  title?: string;
  citedText?: string;
  start?: number;
  end?: number;
  /** the document among the request's files, and the vendor's own location within it */
  document?: { index: number; title?: string; location?: unknown };
  /** Anthropic `encrypted_index`: must come back with the text in the next turn */
  encrypted?: string;
}

export type Part =
  | TextPart
  | ImagePart
  | AudioPart
  | VideoPart
  | FilePart
  | ToolCallPart
  | ToolResultPart
  | ReasoningPart
  | RefusalPart
  | HostedCallPart
  | HostedResultPart
  | OpaquePart;


/**
 * `system` and `developer` may stand anywhere, and a dialect that keeps them apart (Anthropic `system`, Gemini `systemInstruction`, Responses
 * `instructions`) is read as leading messages of these roles. A `tool` message holds tool results only.
 */
export type Role = "system" | "developer" | "user" | "assistant" | "tool";

export interface Message {
  role: Role;
  parts: Part[];
  /** OpenAI `name`: one of several participants */
  name?: string;
}
