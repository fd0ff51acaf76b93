import type { Config } from "../config.ts";

/** One request as a scripted vendor has it: the socket below HTTP, so that a test decides when which byte goes out. */
export interface ScriptedRequest {
  /** Sends the head of a stream, and from then on events, each as a chunk of its own (RFC 9112, 7.1). Gives false when the socket is full: the rest waits for `drained`. */
  begin(): void;
  event(text: string): boolean;
  end(): void;
  /** a whole JSON answer */
  answer(body: object): void;
  drained: () => void;
  closed: boolean;
  /** bytes handed to the socket */
  sent: number;
  /** length of the request's body */
  received: number;
}

interface Peer {
  head: string;
  /** bytes of the body still to come; undefined: the head is not whole */
  missing: number | undefined;
  waiting: Buffer[];
  request: ScriptedRequest | undefined;
}

/** A chunk of a chat stream with this text. */
export const contentEvent = (content: string): string => `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;
/** The events that end a chat stream in order. */
export const CHAT_END = ['data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n', 'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":5,"total_tokens":10}}\n\n', "data: [DONE]\n\n"];
export const CHAT_ANSWER = { id: "c", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hi" } }], usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 } };

/**
 * A vendor of chat completions that does what the test tells it: one script for each model, told apart by the path that the model's channel has. Bodies are counted and not kept.
 * `addTo` gives a gateway's settings one channel for each.
 */
export function scriptedVendor(scripts: Readonly<Record<string, (request: ScriptedRequest) => void>>) {
  const requests: ScriptedRequest[] = [];
  const listener = Bun.listen<Peer>({
    hostname: "127.0.0.1",
    port: 0,
    data: undefined as never,
    socket: {
      open(socket) {
        socket.setNoDelay(true);
        socket.data = { head: "", missing: undefined, waiting: [], request: undefined };
      },
      data(socket, bytes) {
        const peer = socket.data;
        if (peer.missing === undefined) {
          peer.head += bytes.toString("latin1");
          const end = peer.head.indexOf("\r\n\r\n");
          if (end < 0) return;
          const length = Number(/content-length: (\d+)/i.exec(peer.head)?.[1] ?? "0");
          peer.request = made(socket, length);
          peer.missing = length - (peer.head.length - end - 4);
        } else peer.missing -= bytes.length;
        if (peer.missing > 0) return;
        const model = decodeURIComponent(/^POST \/([^/]+)\//.exec(peer.head)?.[1] ?? "");
        const { request } = peer;
        peer.head = "";
        peer.missing = undefined;
        if (!request) return;
        requests.push(request);
        scripts[model]?.(request);
      },
      drain(socket) {
        flush(socket);
        if (socket.data.waiting.length === 0) socket.data.request?.drained();
      },
      close(socket) {
        if (socket.data.request) socket.data.request.closed = true;
      },
    },
  });

  function flush(socket: Bun.Socket<Peer>): void {
    const { waiting, request } = socket.data;
    while (waiting.length > 0) {
      const [next = Buffer.alloc(0)] = waiting;
      const count = Math.max(0, socket.write(next));
      if (request) request.sent += count;
      if (count < next.length) {
        waiting[0] = next.subarray(count);
        return;
      }
      waiting.shift();
    }
  }

  function made(socket: Bun.Socket<Peer>, received: number): ScriptedRequest {
    const write = (text: string): boolean => {
      socket.data.waiting.push(Buffer.from(text));
      flush(socket);
      return socket.data.waiting.length === 0;
    };
    return {
      begin: () => void write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"),
      event: (text) => write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`),
      end: () => void write("0\r\n\r\n"),
      answer: (body) => void write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(JSON.stringify(body))}\r\n\r\n${JSON.stringify(body)}`),
      drained: () => undefined,
      closed: false,
      sent: 0,
      received,
    };
  }

  return {
    requests,
    origin: `http://127.0.0.1:${listener.port}`,
    addTo(config: Config): void {
      for (const model of Object.keys(scripts))
        config.channels.push({ name: model, vendor: "openai", baseUrl: `http://127.0.0.1:${listener.port}/${model}/v1`, credentials: ["sk-scripted"], models: [model], modelMapping: {}, priority: 10, weight: 1, timeouts: {}, enabled: true });
    },
    stop: () => listener.stop(true),
  };
}
