import { EmbeddedPostgresError } from "./errors.ts";
import { lockAlone, lockShared, type FileLock } from "./file-lock.ts";

/** Longer than the longest start (server.ts), since the other may be starting the server. */
const TURN_LIMIT_MS = 240_000;
const TURN_POLL_MS = 5;

/**
 * Who may start and stop the server.
 *
 * The rule: every gateway that uses the server holds a shared lock on `users.lock` from before its start until its stop.
 * Starting and stopping happen only in turn, under the exclusive `turn.lock`. Whoever stops gives up its own share and
 * then shuts the server down only if it can have `users.lock` alone: the last user stops the server, whoever started it.
 * A killed gateway's locks fall with it.
 */
export class ServerUsers {
  private share: FileLock | undefined;

  constructor(
    private readonly usersLock: string,
    private readonly turnLock: string,
  ) {}

  /** Runs `work` while no other gateway starts or stops this server. Throws `locked` after four minutes of waiting. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + TURN_LIMIT_MS;
    let turn = lockAlone(this.turnLock);
    while (turn === undefined) {
      if (performance.now() > deadline) {
        throw new EmbeddedPostgresError(
          "locked",
          "Another gateway has been starting or stopping this database for too long.",
          ["look for another gateway on the same data folder, and stop it"],
        );
      }
      await Bun.sleep(TURN_POLL_MS);
      turn = lockAlone(this.turnLock);
    }
    try {
      return await work();
    } finally {
      turn.release();
    }
  }

  /** Counts us among the users. Only in turn. */
  enter(): void {
    this.share = lockShared(this.usersLock);
    // In turn nobody holds it alone.
    if (this.share === undefined)
      throw new EmbeddedPostgresError("locked", `${this.usersLock} is locked by another program.`, []);
  }

  /** Takes us from the users; gives whether none is left. Only in turn. */
  leave(): boolean {
    this.share?.release();
    this.share = undefined;
    const alone = lockAlone(this.usersLock);
    alone?.release();
    return alone !== undefined;
  }

  /** Whether no other gateway uses the server. Only in turn. */
  aloneNow(): boolean {
    const alone = this.leave();
    this.enter();
    return alone;
  }
}
