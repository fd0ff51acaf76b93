import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import type { Clock } from "../clock/clock.ts";
import { objectOf } from "../dialects/canonical/fields.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { Logger } from "../observe/log.ts";
import { type Db, isDataRefusal } from "../store/database.ts";
import { deleteResponse, responsesWithItems, saveResponse, sealedResponse, sweepResponses } from "../store/queries/responses.ts";
import { type Conversation, newIds } from "./items.ts";

/** One response with all that led to it, before compression: about ten photographs, or a million words. A longer one is not kept, and says so. */
export const STORED_BYTES_MAX = 8 * 1024 * 1024;
/** Responses waiting for a database that is away; what comes on top is not kept. */
const PENDING_BYTES_MAX = 64 * 1024 * 1024;
/** Wait before a refused write is tried again. */
const RETRY_MS = 500;
/** The last bytes of an answer wait so long for the database where other processes may be asked next. */
const FLUSH_MS_MAX = 1_000;
const SWEEP_MS = 600_000;
const SWEEP_ROWS = 500;
const DAY_MS = 86_400_000;
/** What comes out of our own compression: the content with its JSON, never more. */
const OPENED_BYTES_MAX = 4 * STORED_BYTES_MAX;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Seals what was said (AES-256-GCM with the master key). */
export interface Sealer {
  sealBytes(plain: Buffer, where: string): Buffer;
  openBytes(sealed: Buffer, where: string): Buffer;
}

export interface NewResponse {
  id: string;
  userId: number;
  keyId: number;
  model: string;
  conversation: Conversation;
  /** size of what it holds */
  bytes: number;
}

export interface ShelfServices {
  db: Db;
  box: Sealer;
  clock: Clock;
  log: Logger;
  /** days for which responses are kept; 0: none is */
  days: number;
  /** whether the caller's next request may reach another process than this one */
  shared: () => boolean;
}

/**
 * Responses that callers may go on from, by owner: any key of the same user sees them, nobody else does.
 *
 * One process: what was put is found at once, from memory, while it is on its way to Postgres; the answer waits for nothing. Several processes: the answer's last bytes wait until
 * Postgres has it (a second at most), so that all others find it. A process killed between an answer's end and its write loses that response; the next request with its
 * id is refused, never answered without its history.
 */
export class ResponseShelf {
  private readonly pending = new Map<string, { put: NewResponse; saved: Promise<void> }>();
  private pendingBytes = 0;
  private stopped = false;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly services: ShelfServices) {}

  get keeps(): boolean {
    return this.services.days > 0;
  }

  /** Begins to delete what is over its time, now and then. */
  start(): void {
    const sweep = (): void => void this.sweep().catch((error: unknown) => this.services.log.warn({ error: String(error) }, "old responses could not be deleted"));
    this.timer = setInterval(sweep, SWEEP_MS);
    sweep();
  }

  /** Brings home what is pending; gives up after `waitMs`. */
  async stop(waitMs: number): Promise<void> {
    clearInterval(this.timer);
    await Promise.race([Promise.all([...this.pending.values()].map((entry) => entry.saved)), Bun.sleep(waitMs)]);
    this.stopped = true;
  }

  /** Keeps a response: this process finds it from now on. Gives what the answer's last bytes must wait for, if anything; that never rejects. */
  put(response: NewResponse): Promise<void> | undefined {
    const { log, shared } = this.services;
    if (this.pendingBytes + response.bytes > PENDING_BYTES_MAX) {
      log.error({ response: response.id }, "a response was not kept: too many wait for the database");
      return undefined;
    }
    const name = nameOf(response.userId, response.id);
    this.pendingBytes += response.bytes;
    const saved = this.save(response).finally(() => {
      this.pending.delete(name);
      this.pendingBytes -= response.bytes;
    });
    this.pending.set(name, { put: response, saved });
    return shared() ? Promise.race([saved, Bun.sleep(FLUSH_MS_MAX)]) : undefined;
  }

  /** A user's response; undefined when there is none, or its time is over. Throws GatewayError databaseDown. */
  async find(userId: number, id: string): Promise<Conversation | undefined> {
    const here = this.pending.get(nameOf(userId, id));
    if (here) return here.put.conversation;
    const sealed = await asked(sealedResponse(this.services.db, userId, id, this.now()));
    return sealed && this.opened(userId, id, sealed);
  }

  /** Those of a user's responses that brought any of these items. */
  async withItems(userId: number, itemIds: readonly string[]): Promise<Conversation[]> {
    const wanted = new Set(itemIds);
    const here = [...this.pending.values()].filter(({ put }) => put.userId === userId && newIds(put.conversation).some((id) => wanted.has(id))).map(({ put }) => put.conversation);
    const rows = await asked(responsesWithItems(this.services.db, userId, itemIds, this.now()));
    const there = await Promise.all(rows.map((row) => this.opened(userId, row.id, row.sealed)));
    return [...here, ...there.filter((conversation) => conversation !== undefined)];
  }

  /** Gives false when there was none. Throws GatewayError databaseDown. */
  async remove(userId: number, id: string): Promise<boolean> {
    const here = this.pending.get(nameOf(userId, id));
    if (here) await Promise.race([here.saved, Bun.sleep(FLUSH_MS_MAX)]);
    if (this.pending.has(nameOf(userId, id))) throw new GatewayError("databaseDown", { retryAfterSeconds: 1 });
    return asked(deleteResponse(this.services.db, userId, id, this.now()));
  }

  async sweep(): Promise<void> {
    while (!this.stopped && (await sweepResponses(this.services.db, this.now(), SWEEP_ROWS)) === SWEEP_ROWS);
  }

  /** Never rejects: the content is at fault and dropped, or it is tried until the process ends. */
  private async save(response: NewResponse): Promise<void> {
    const { db, log, days, clock } = this.services;
    const { id, userId, keyId, model, conversation } = response;
    const createdAt = new Date(clock.now());
    const expiresAt = new Date(createdAt.getTime() + days * DAY_MS);
    let sealed: Buffer | undefined;
    for (let tries = 0; !this.stopped; tries += 1)
      try {
        sealed ??= this.services.box.sealBytes(await compress(Buffer.from(JSON.stringify(conversation))), nameOf(userId, id));
        return await saveResponse(db, { id, userId, keyId, model, itemIds: newIds(conversation), sealed, createdAt, expiresAt });
      } catch (error) {
        if (tries === 0) log.error({ error: String(error), response: id }, "a response could not be written");
        if (sealed === undefined || isDataRefusal(error)) return;
        await Bun.sleep(RETRY_MS);
      }
  }

  private async opened(userId: number, id: string, sealed: Buffer): Promise<Conversation | undefined> {
    try {
      const plain = await decompress(this.services.box.openBytes(sealed, nameOf(userId, id)), { maxOutputLength: OPENED_BYTES_MAX });
      return objectOf(JSON.parse(plain.toString("utf8"))) as unknown as Conversation;
    } catch (error) {
      this.services.log.error({ error: String(error), response: id }, "a stored response cannot be opened");
      return undefined;
    }
  }

  private now(): Date {
    return new Date(this.services.clock.now());
  }
}

/** What the database says; a GatewayError when it cannot be asked. */
async function asked<T>(question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (error) {
    throw new GatewayError("databaseDown", { internalText: String(error), retryAfterSeconds: 1 });
  }
}

/** Sealed content opens under the name it was sealed for only: rows cannot change places. */
const nameOf = (userId: number, id: string): string => `response:${userId}:${id}`;
