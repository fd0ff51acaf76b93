/** A raw WebSocket caller: what comes is kept as parsed JSON, codes and reasons are as they came. */
export function dial(url: string, options: { headers?: Record<string, string>; protocols?: string[] } = {}) {
  const socket = new WebSocket(url, options as never);
  const events: Record<string, unknown>[] = [];
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  const opened = Promise.withResolvers<void>();
  const waiters = new Set<() => void>();
  socket.addEventListener("message", ({ data }) => {
    events.push(JSON.parse(typeof data === "string" ? data : Buffer.from(data as ArrayBuffer).toString()) as Record<string, unknown>);
    for (const look of waiters) look();
  });
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => opened.resolve());
  socket.addEventListener("close", ({ code, reason }) => {
    opened.reject(new Error(`closed before it was open: ${code}`));
    closed.resolve({ code, reason });
  });
  opened.promise.catch(() => undefined);
  const isOf = (event: Record<string, unknown>, type: string): boolean => event["type"] === type || type in event;
  return {
    socket,
    events,
    opened: opened.promise,
    closed: closed.promise,
    send: (...messages: unknown[]): void => {
      for (const message of messages) socket.send(typeof message === "string" ? message : JSON.stringify(message));
    },
    /** The `count`-th event of that type (OpenAI) or with that member (Gemini); waits for it. */
    event: (type: string, count = 1): Promise<Record<string, unknown>> =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.filter((event) => isOf(event, type))[count - 1];
          if (!found) return;
          waiters.delete(look);
          resolve(found);
        };
        waiters.add(look);
        look();
      }),
  };
}
