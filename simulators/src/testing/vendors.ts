/** The same small request in every vendor's own form, for tests that go over all of them. */

/** How to ask one vendor something. */
export interface Asking {
  vendor: string;
  headers: Record<string, string>;
  /** path for a whole answer and for a stream */
  path: (stream: boolean) => string;
  /** the request body for a prompt */
  body: (prompt: string, stream: boolean) => object;
  /** how its streams end when all is well */
  terminal: string;
}

/** Every vendor's way of being asked. */
export const ASKINGS: Asking[] = [
  {
    vendor: "openai",
    headers: { authorization: "Bearer sk-test-key-1" },
    path: () => "/openai/v1/chat/completions",
    body: (content, stream) => ({
      model: "gpt-4o",
      messages: [{ role: "user", content }],
      ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
    }),
    terminal: "[DONE]",
  },
  {
    vendor: "anthropic",
    headers: { "x-api-key": "sk-test-key-1", "anthropic-version": "2023-06-01" },
    path: () => "/anthropic/v1/messages",
    body: (content, stream) => ({
      model: "claude-sonnet-5",
      max_tokens: 500_000,
      messages: [{ role: "user", content }],
      stream,
    }),
    terminal: "message_stop",
  },
  {
    vendor: "gemini",
    headers: { "x-goog-api-key": "test-key-1" },
    path: (stream) =>
      `/gemini/v1beta/models/gemini-2.0-flash:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: (text) => ({ contents: [{ role: "user", parts: [{ text }] }] }),
    terminal: '"finishReason":"STOP"',
  },
];
