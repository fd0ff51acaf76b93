import type { CacheMark, Message } from "./parts.ts";
import type { CodecId } from "./codec.ts";

export type JsonSchema = Record<string, unknown> | boolean;

/** The group a tool was offered in (OpenAI Responses `namespace`). Other dialects have none: the tool's `name` is already one that is unique without it. */
export interface ToolNamespace {
  name: string;
  /** what the tool is called inside the namespace */
  tool: string;
  description?: string;
}

/** A tool offered to the model: the caller's own function, or one that the vendor runs. */
export type Tool =
  | { type: "function"; name: string; description?: string; parameters?: JsonSchema; strict?: boolean; cache?: CacheMark; namespace?: ToolNamespace }
  /** OpenAI's free-text tool; `format` is its grammar */
  | { type: "custom"; name: string; description?: string; format?: unknown; namespace?: ToolNamespace }
  | {
      type: "web-search";
      maxUses?: number;
      allowedDomains?: string[];
      blockedDomains?: string[];
      userLocation?: { city?: string; region?: string; country?: string; timezone?: string };
      contextSize?: "low" | "medium" | "high";
      /** members that only one dialect's search has */
      own?: { dialect: CodecId; values: Record<string, unknown> };
      cache?: CacheMark;
    }
  /** `container`: where it runs, in OpenAI's words, with the files that lie there; absent: a new and empty one */
  | { type: "code-execution"; cache?: CacheMark; container?: unknown }
  | { type: "url-context" }
  /** a vendor's own tool that no other dialect has */
  | { type: "opaque"; dialect: CodecId; name: string; value: unknown };

export type ToolChoice =
  | { mode: "auto" | "none" | "required" }
  | { mode: "tool"; name: string }
  /** one of these only; `required`: at least one must be called */
  | { mode: "allowed"; names: string[]; required: boolean };

export type OutputFormat =
  | { type: "json" }
  | { type: "json-schema"; schema: JsonSchema; name?: string; description?: string; strict?: boolean };

export type Effort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/** How much the model shall think, and what of it shall be seen. Decoders set what the caller said and nothing else. */
export interface ReasoningWish {
  effort?: Effort;
  /** tokens; Anthropic `budget_tokens`, Gemini `thinkingBudget`; -1: the model decides */
  budgetTokens?: number;
  /** Anthropic `thinking.type: "adaptive"` */
  adaptive?: boolean;
  /** thinking off */
  off?: boolean;
  /** show a summary (OpenAI `summary`) or the thoughts themselves (Gemini `includeThoughts`) */
  show?: "auto" | "concise" | "detailed" | "none";
  /** give sealed reasoning with the answer (OpenAI `include: ["reasoning.encrypted_content"]`) */
  sealed?: boolean;
}

/**
 * One request, whatever dialect it came in. Absent means: the caller said nothing. Members are features; a dialect that cannot express one leaves it out and reports
 * its name, and `fields` tells what the caller called it.
 */
export interface CanonicalRequest {
  /** the model's public name as the caller wrote it */
  model: string;
  stream: boolean;
  messages: Message[];
  tools?: Tool[];
  toolChoice?: ToolChoice;
  /** false: one tool call at a time */
  parallelToolCalls?: boolean;
  format?: OutputFormat;
  reasoning?: ReasoningWish;
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  minP?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  seed?: number;
  stop?: string[];
  /** number of answers */
  choices?: number;
  /** log probabilities of the chosen tokens, and of so many others beside them */
  logprobs?: { top: number };
  logitBias?: Record<string, number>;
  /** what the answer shall be made of; absent: text */
  modalities?: ("text" | "audio" | "image")[];
  audio?: { voice?: unknown; format?: string };
  image?: { aspectRatio?: string; size?: string };
  verbosity?: "low" | "medium" | "high";
  user?: string;
  metadata?: Record<string, string>;
  serviceTier?: string;
  promptCacheKey?: string;
  /** keep the answer at the vendor (OpenAI `store`) */
  store?: boolean;
  /** a caller of a stream asked for the usage chunk (OpenAI chat); other dialects always send usage */
  includeUsage?: boolean;
  /** members that mean something in the dialect named only (`safetySettings`, `context_management`, `prediction`): name on the wire -> value */
  own?: {
    dialect: CodecId;
    values: Record<string, unknown>;
    /** like `values`, but no wish about the answer (cache placement, diagnostics): restored in its own dialect, left out elsewhere without a report */
    harmless?: Record<string, unknown>;
  };
  /** feature (a member's name of this interface, e.g. "topK", or "parts.video") -> the caller's own name of the field, for reports; the feature's own name where absent */
  fields?: Partial<Record<string, string>>;
}
