import { ask } from "./conversation.ts";
import { EmbeddedPostgresError } from "./errors.ts";
import type { Installation } from "./installation.ts";
import { readPostmasterFile } from "./postmaster-file.ts";
import { identifyServer } from "./processes.ts";
import { START_LIMIT_MS, stopServer } from "./server.ts";
import type { ServerUsers } from "./users.ts";

const POLL_MS = 10;
/** A server that says it is ready answers at once; one whose socket was deleted never will. */
const SILENCE_LIMIT_MS = 1_500;
/** A server told to end politely waits for its clients, some of which may be gone for good. */
const STOPPING_PATIENCE_MS = 1_000;

/**
 * Finds the server that already runs on the files. It counts as ours when its note's process is alive and a Postgres in
 * our data directory, and the one that answers on the socket reads the same note as we do. A server that still starts or
 * stops is waited for. One whose socket is lost (a cleaned temp folder) is stopped if no other gateway uses it.
 * Gives the socket's folder, or undefined when no server runs. Throws `no_answer`. Only in turn.
 */
export async function attach(installation: Installation, users: ServerUsers): Promise<string | undefined> {
  const { layout, log } = installation;
  const begun = performance.now();
  let silentSince: number | undefined;
  for (;;) {
    const note = readPostmasterFile(layout.cluster);
    const server = note === undefined ? "gone" : identifyServer(note.pid, layout.cluster);
    if (note === undefined || server === "gone" || server === "other") return undefined;

    const answers = new Set<string>();
    // The recorded folder may differ: another TMPDIR, or a data folder that was moved.
    for (const folder of new Set([layout.socketFolder, note.socketFolder].filter((path) => path !== ""))) {
      const answer = await ask(folder, note.text);
      if (answer === "ours") return folder;
      answers.add(answer);
    }
    const waited = performance.now() - begun;
    if (note.status === "ready" && !answers.has("busy")) silentSince ??= performance.now();
    else silentSince = undefined;

    const deaf = silentSince !== undefined && performance.now() - silentSince > SILENCE_LIMIT_MS;
    const lingers = note.status === "stopping" && waited > STOPPING_PATIENCE_MS;
    if (server === "ours" && (deaf || lingers) && users.aloneNow()) {
      log({
        level: "warn",
        message: "restarting a database server that cannot be reached",
        detail: { pid: note.pid, status: note.status },
      });
      await stopServer(note.pid, log);
      return undefined;
    }
    if (deaf || waited > START_LIMIT_MS) throw noAnswer(installation, note.pid, server === "ours");
    await Bun.sleep(POLL_MS);
  }
}

function noAnswer({ layout }: Installation, pid: number, used: boolean): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    "no_answer",
    `A database server (process ${pid}) holds ${layout.cluster}, but does not answer.`,
    [
      used
        ? "stop the other gateway on this data folder, then start again"
        : `end process ${pid} if it is a Postgres; if not, remove postmaster.pid there`,
      `see ${layout.log}`,
    ],
  );
}
