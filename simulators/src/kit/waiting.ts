/** Waiting that ends early when the client leaves. */

/** Takes milliseconds and the request's signal; waits that long or until the client leaves. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}

/** Takes the request's signal; waits until the client leaves. */
export function untilGone(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** Takes work and the request's signal; waits until the work is done or the client leaves, and never fails. */
export function settled(work: PromiseLike<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener("abort", done);
      resolve();
    };
    signal.addEventListener("abort", done);
    work.then(done, done);
  });
}

/** Lets everything else run that is ready: other requests, and word that the client left. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
