/** Hints for the benchmark's upstream. They travel in `metadata`, which every gateway passes on unread. */
export interface UpstreamHints {
  /** events of a stream, before usage and [DONE] */
  events?: number;
  /** milliseconds between two events; 0: as fast as they are flushed */
  paceMs?: number;
  /** end the stream after so many seconds, whatever `events` says */
  seconds?: number;
  /** compress the answer, if the request accepts gzip */
  gzip?: boolean;
}

/** The shape of a chat request's messages. */
export type MessageShape = "small" | "image" | "many-messages";

/** A chat request as the load generator builds it. */
export interface ChatRequest {
  stream: boolean;
  hints: UpstreamHints;
  shape: MessageShape;
  /** rough size of the body in bytes, for the large shapes */
  bytes: number;
  /** written as Anthropic messages, for a model that is not Anthropic's: the gateway must translate */
  translated?: boolean;
  /** another request altogether, as it is sent */
  other?: { method: "GET" | "POST"; body: string };
}

/** A small request that is not streamed. */
export const SMALL_CHAT: ChatRequest = { stream: false, hints: {}, shape: "small", bytes: 0 };

/** The same request in another dialect than the vendor's. */
export const translated = (request: ChatRequest): ChatRequest => ({ ...request, translated: true });

/** A small streamed request. */
export const streamedChat = (hints: UpstreamHints): ChatRequest => ({
  stream: true,
  hints,
  shape: "small",
  bytes: 0,
});

const SENTENCE = "Say in one sentence why the sky is blue at noon and red at dusk.";

function messagesOf(request: ChatRequest): object[] {
  const question = { role: "user", content: SENTENCE };
  const system = { role: "system", content: "You are a helpful assistant. Answer briefly." };
  if (request.shape === "small") return [system, question];
  if (request.shape === "image") {
    const url = `data:image/png;base64,${Buffer.alloc(Math.floor((request.bytes * 3) / 4), 0xa7).toString("base64")}`;
    return [
      system,
      {
        role: "user",
        content: [
          { type: "text", text: SENTENCE },
          { type: "image_url", image_url: { url } },
        ],
      },
    ];
  }
  const messages: object[] = [system];
  const each = JSON.stringify(question).length + 1;
  for (let size = 0; size < request.bytes; size += each) messages.push(question);
  return messages;
}

/** Where a request goes, below the target's prefix. */
export const pathOf = (request: ChatRequest): string =>
  request.translated === true ? "/v1/messages" : "/v1/chat/completions";

/** The JSON body of a chat request. */
export function chatBody(request: ChatRequest): string {
  if (request.other) return request.other.body;
  const metadata = hintsText(request.hints);
  if (request.translated === true)
    return JSON.stringify({
      model: "gpt-4.1-mini",
      ...(request.stream ? { stream: true } : {}),
      max_tokens: 400,
      system: "You are a helpful assistant. Answer briefly.",
      // The one member that every dialect carries through a translation.
      metadata: { user_id: JSON.stringify(metadata) },
      messages: [{ role: "user", content: SENTENCE }],
    });
  return JSON.stringify({
    model: "gpt-4.1-mini",
    ...(request.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
    max_tokens: 400,
    metadata,
    messages: messagesOf(request),
  });
}

function hintsText(hints: UpstreamHints): Record<string, string> {
  const metadata: Record<string, string> = {};
  if (hints.events !== undefined) metadata["events"] = String(hints.events);
  if (hints.paceMs !== undefined) metadata["pace_ms"] = String(hints.paceMs);
  if (hints.seconds !== undefined) metadata["seconds"] = String(hints.seconds);
  if (hints.gzip === true) metadata["gzip"] = "1";
  return metadata;
}

/** A whole HTTP/1.1 request of a chat request, or of what stands in its place. */
export function chatRequestBytes(
  path: string,
  headers: Record<string, string>,
  request: ChatRequest,
): Uint8Array {
  const body = Buffer.from(chatBody(request));
  const lines = Object.entries({
    host: "127.0.0.1",
    "user-agent": "yescale-bench",
    accept: "*/*",
    "content-type": "application/json",
    "content-length": String(body.length),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${request.other?.method ?? "POST"} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`), body]);
}
