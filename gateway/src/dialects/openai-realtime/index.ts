import type { SessionDialect } from "../canonical/session.ts";
import { eventIdOf } from "./caller-event.ts";
import { OpenAIRealtimeMeter } from "./meter.ts";

/** OpenAI's Realtime API over a WebSocket: https://platform.openai.com/docs/guides/realtime-websocket (SDK types `RealtimeClientEvent`, `RealtimeServerEvent`). */
export const openaiRealtime: SessionDialect = {
  id: "openai-realtime",
  endpoint: "realtime",
  refusals: "openai-chat",
  meter: (names) => new OpenAIRealtimeMeter(names),
  /** SDK type `RealtimeErrorEvent`. */
  errorMessage(error, requestId, cause) {
    const { openaiType, code } = error.kind;
    const message = `${error.publicText} (request id: ${requestId})`;
    return JSON.stringify({ type: "error", event_id: `event_${requestId.replaceAll("-", "")}`, error: { type: openaiType, code, message, param: error.param, event_id: cause === undefined ? null : (eventIdOf(cause) ?? null) } });
  },
};
