/** How browsers carry an API key, since they cannot set headers (`openai` SDK, realtime/websocket). */
const KEY_PREFIX = "openai-insecure-api-key.";
const ANSWER = "realtime";
const BETA_PREFIX = "openai-beta.";

/** What the `Sec-WebSocket-Protocol` field of a caller says. */
export interface Subprotocols {
  key: string | undefined;
  /** what to answer with; undefined: nothing was offered that can be */
  answer: string | undefined;
  /** the beta that was asked for, as the header field says it: `realtime=v1` */
  beta: string | undefined;
}

/** Reads the field's list (RFC 6455, 11.3.4); undefined when it was not sent. */
export function readSubprotocols(field: string | undefined): Subprotocols {
  const offered = (field ?? "").split(",").map((entry) => entry.trim());
  const after = (prefix: string): string | undefined => offered.find((entry) => entry.startsWith(prefix))?.slice(prefix.length);
  return { key: after(KEY_PREFIX), answer: offered.includes(ANSWER) ? ANSWER : undefined, beta: after(BETA_PREFIX)?.replace("-", "=") };
}
