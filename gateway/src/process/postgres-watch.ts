import type { Logger } from "../observe/log.ts";
import type { EmbeddedPostgres } from "../store/embedded/index.ts";
import { reason } from "./start-error.ts";

/** How soon a dead server is noticed. */
const LOOK_MS = 500;
/** After a start that failed (a full disk): no use in trying at once. */
const RETRY_MS = 5_000;

/** Brings the embedded server up again when it dies under us. Gives the function that ends the watch; it resolves when no start is under way any more. */
export function watchPostgres(postgres: Pick<EmbeddedPostgres, "ensureUp">, log: Logger): () => Promise<void> {
  const ended = Promise.withResolvers<"ended">();
  const watching = (async () => {
    for (let wait = LOOK_MS; (await Promise.race([ended.promise, Bun.sleep(wait)])) !== "ended"; ) {
      wait = LOOK_MS;
      try {
        if (await postgres.ensureUp()) log.warn({}, "the database server was gone; it has been started again");
      } catch (error) {
        log.error({ error: reason(error) }, "the database server is gone and does not start");
        wait = RETRY_MS;
      }
    }
  })();
  return () => {
    ended.resolve("ended");
    return watching;
  };
}
