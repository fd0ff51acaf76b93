import { objectOf, parseJson } from "../canonical/fields.ts";
import type { CallerMessage, SessionNames } from "../canonical/session.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { transcriptionModels } from "./transcription.ts";

/**
 * Reads an event of the caller's. The session's model is the one it was admitted and priced with: an event may repeat it (then it is mapped as the address
 * was), and may name no other. Models that would transcribe the caller's speech are told, since they have a price of their own.
 * Throws GatewayError invalidJson or invalidRequest.
 */
export function checkCallerEvent(text: string, names: SessionNames): CallerMessage & { event: Record<string, unknown> } {
  const parsed = parseJson(text);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new GatewayError("invalidJson", { publicText: "The event is not a JSON object." });
  const event = objectOf(parsed);
  const session = objectOf(event["session"]);
  const { model } = session;
  if (model !== undefined && model !== null && model !== names.asked)
    throw new GatewayError("invalidRequest", { publicText: "The model of a session cannot be changed: open another session.", param: "session.model" });
  const mapped = typeof model === "string" && names.upstream !== names.asked;
  return {
    event,
    text: mapped ? JSON.stringify({ ...event, session: { ...session, model: names.upstream } }) : text,
    models: transcriptionModels(session),
  };
}

/** The id by which the caller knows an event of its own; undefined when it has none that can be read. */
export function eventIdOf(text: string): string | undefined {
  const id = objectOf(parseJson(text))["event_id"];
  return typeof id === "string" ? id : undefined;
}
