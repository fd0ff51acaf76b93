import { isUnreachable } from "../store/database.ts";

/** The first pause after a try that reached no database, and the longest (ms). */
const PAUSE_MS = 100;
const PAUSE_MS_MAX = 2_000;

/** Asks until the database answers, however long it is away: what a vendor has said is not said twice. Rejects with anything else that goes wrong. Harmless for what may have been done and only its answer lost: a fence or an end lets nothing happen twice. */
export async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let pause = PAUSE_MS; ; pause = Math.min(pause * 2, PAUSE_MS_MAX)) {
    try {
      return await ask();
    } catch (error) {
      if (!isUnreachable(error)) throw error;
    }
    await Bun.sleep(pause);
  }
}
