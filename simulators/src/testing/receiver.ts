/** A receiver of callbacks on loopback, for tests. */

/** One message that came. */
export interface Received {
  headers: Headers;
  text: string;
}

/** A receiver that listens. */
export interface Receiver {
  url: string;
  messages: Received[];
  /** Takes a number; waits until that many messages have come. */
  waitFor(count: number): Promise<Received[]>;
  stop(): Promise<void>;
}

/** Takes what to answer to the n-th message (from 0), 200 by default; gives a receiver. */
export function receiver(statusOf: (index: number) => number = () => 200): Receiver {
  const messages: Received[] = [];
  let heard = Promise.withResolvers<void>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      messages.push({ headers: request.headers, text: await request.text() });
      heard.resolve();
      heard = Promise.withResolvers();
      return new Response(null, { status: statusOf(messages.length - 1) });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/hook`,
    messages,
    async waitFor(count) {
      while (messages.length < count) await heard.promise;
      return messages;
    },
    stop: () => server.stop(true),
  };
}
