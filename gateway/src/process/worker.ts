import { merged } from "../observe/process-metrics.ts";
import { runGateway, type RunningGateway } from "./gateway.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { reason, StartError } from "./start-error.ts";

/** One of several processes on the port: told by message what to do, and ends with its supervisor. */
export function runWorker(): void {
  let running: RunningGateway | undefined;
  let questions = 0;
  const waiting = new Map<number, PromiseWithResolvers<string>>();
  const tell = (message: FromWorker): void => void process.send?.(message);

  const stop = (): void => void (running?.stop() ?? Promise.resolve()).then(() => process.exit(0), () => process.exit(1));
  const allMetrics = (): Promise<string> => {
    questions += 1;
    const answer = Promise.withResolvers<string>();
    waiting.set(questions, answer);
    tell({ wantAll: questions });
    return answer.promise;
  };
  const start = (boot: Extract<ToWorker, { boot: unknown }>["boot"]): void =>
    void runGateway(boot, { allMetrics }).then(
      (gateway) => {
        running = gateway;
        tell({ ready: gateway.url });
      },
      (error: unknown) => {
        tell({ failed: error instanceof StartError || !(error instanceof Error) ? reason(error) : (error.stack ?? error.message) });
        // The message goes out before the process does.
        setTimeout(() => process.exit(1), 100);
      },
    );

  process.on("message", (message: ToWorker) => {
    if ("boot" in message) start(message.boot);
    else if ("stop" in message) stop();
    else if ("collect" in message) void running?.metricsSnapshot().then((metrics) => tell({ snapshot: { question: message.collect, metrics } }));
    else {
      const answer = waiting.get(message.all.question);
      waiting.delete(message.all.question);
      if (message.all.metrics) merged([message.all.metrics]).metrics().then((text) => answer?.resolve(text), (error: unknown) => answer?.reject(error));
      else answer?.reject(new Error("a worker did not tell its metrics"));
    }
  });
  process.on("disconnect", stop);
  // The supervisor hears the terminal's signals and tells us in order.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", stop);
}
