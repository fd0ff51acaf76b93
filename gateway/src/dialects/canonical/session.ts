import type { GatewayError } from "../../errors/gateway-error.ts";
import type { DialectId } from "./dialect.ts";
import type { MeteredUsage } from "./usage.ts";

/** Protocols of a lasting conversation over a WebSocket. A session reaches only vendors that speak its own protocol. */
export type SessionDialectId = "openai-realtime" | "gemini-live";

/** A turn that is over: one answer of the model, billed by itself. */
export interface TurnEnd {
  turn: string;
  metered: MeteredUsage;
  /** the vendor's word for a turn that failed */
  error?: string;
  /** the model that did the work, where it is not the session's own (transcription of the caller's speech) */
  model?: string;
}

/** What one message of the vendor means for the bill. */
export interface VendorMessage {
  /** turns that begin with it */
  began: readonly string[];
  /** turns that end with it: they are charged before it goes on to the caller */
  ended: readonly TurnEnd[];
  /** turns of which it carries content */
  content: readonly string[];
}

/** A message of the caller that may go on. */
export interface CallerMessage {
  /** as the vendor gets it: the caller's own text, but for a mapped model name */
  text: string;
  /** models beside the session's own that it asks for */
  models: readonly string[];
}

/** Follows one session, keeping nothing but counts. */
export interface SessionMeter {
  /** Checks a message of the caller. Throws GatewayError for one that must not go on. */
  caller(text: string): CallerMessage;
  vendor(text: string): VendorMessage;
  /** The turns that are still open when the session ends: what was reported, or our estimate of what was delivered. */
  unfinished(): TurnEnd[];
}

/** The model's name as the caller wrote it, and as the vendor knows it (the same, unless a channel maps it). */
export interface SessionNames {
  asked: string;
  upstream: string;
}

/** One session protocol, as pure functions. */
export interface SessionDialect {
  id: SessionDialectId;
  /** short name for the log */
  endpoint: string;
  /** the dialect in which a refusal before the session is told */
  refusals: DialectId;
  /** the model that the first message names, where the address does not (Gemini). Throws GatewayError. */
  modelOfSetup?(text: string): string;
  meter(names: SessionNames): SessionMeter;
  /** The error as a message of the session; undefined where the protocol has none and closing says it all. `cause`: the caller's message at fault. */
  errorMessage(error: GatewayError, requestId: string, cause?: string): string | undefined;
}

export const NOTHING: VendorMessage = { began: [], ended: [], content: [] };
