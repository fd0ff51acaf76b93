import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import type { Logger } from "../observe/log.ts";
import type { Db } from "../store/database.ts";
import { saveCaptured } from "../store/queries/capture.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** Kept of a request, and of its answer: enough for any conversation, too little for a film. */
export const CAPTURED_CHARACTERS_MAX = 64 * 1024;
/** Looked at of each: pictures and sounds inside are taken out first, and what follows them may still fit. */
export const LOOKED_AT_BYTES_MAX = 256 * 1024;
/** Captures that wait for the database; what comes on top is not kept. */
const PENDING_MAX = 500;
/** Captures wait at most so long for company. */
const SAVE_MS = 500;
/** Rows of one statement. */
const SAVED_AT_ONCE = 50;
/** Two texts at their longest, as JSON. */
const OPENED_BYTES_MAX = 2 * 1024 * 1024;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Seals bytes for one place (AES-256-GCM with the master key). */
export interface CaptureSealer {
  sealBytes(plain: Buffer, where: string): Buffer;
  openBytes(sealed: Buffer, where: string): Buffer;
}

/** A body as it is kept. */
export interface CapturedBody {
  text: string;
  /** how long it was, in bytes */
  bytes: number;
  /** the text is only its beginning */
  truncated: boolean;
}

export interface Captured {
  request: CapturedBody;
  response: CapturedBody;
}

/** The beginning of a body that comes in pieces. */
export class BodyBeginning {
  private readonly pieces: Buffer[] = [];
  private kept = 0;
  bytes = 0;

  add(piece: Uint8Array): void {
    this.bytes += piece.length;
    if (this.kept >= LOOKED_AT_BYTES_MAX) return;
    // A copy: the piece is a part of a larger buffer, or will be written over.
    const copy = Buffer.from(piece.subarray(0, LOOKED_AT_BYTES_MAX - this.kept));
    this.pieces.push(copy);
    this.kept += copy.length;
  }

  /** As it is kept: text without secrets and without what is no text. */
  kindly(contentType: string): CapturedBody {
    if (!isText(contentType)) return { text: `[${contentType.split(";")[0] || "unknown"}, ${this.bytes} bytes]`, bytes: this.bytes, truncated: this.bytes > 0 };
    const clean = withoutSecrets(Buffer.concat(this.pieces).toString("utf8"));
    return { text: clean.slice(0, CAPTURED_CHARACTERS_MAX).toWellFormed().replaceAll("\u0000", "\ufffd"), bytes: this.bytes, truncated: this.bytes > this.kept || clean.length > CAPTURED_CHARACTERS_MAX };
  }
}

const isText = (contentType: string): boolean => contentType === "" || /json|text\/|event-stream/.test(contentType);

interface Waiting {
  requestId: string;
  userId: number;
  keyId: number;
  days: number;
  request: BodyBeginning;
  response: BodyBeginning;
  contentTypes: readonly [string, string];
}

/** Keeps bodies of keys that asked for it, beside the way of requests: an answer never waits for it, and a database that is away costs captures, not memory. */
export class Captures {
  private waiting: Waiting[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private saving: Promise<void> = Promise.resolve();
  /** captures that were not kept */
  lost = 0;

  constructor(
    private readonly db: Db,
    private readonly box: CaptureSealer,
    private readonly log: Logger,
  ) {}

  add(capture: Waiting): void {
    if (this.waiting.length >= PENDING_MAX) return this.lose(1, "too many wait for the database");
    this.waiting.push(capture);
    this.timer ??= setTimeout(() => void this.save(), SAVE_MS);
  }

  /** Resolves when everything added so far is kept or lost. */
  save(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.saving = this.saving.then(async () => {
      while (this.waiting.length > 0) await this.saveSome(this.waiting.splice(0, SAVED_AT_ONCE));
    });
    return this.saving;
  }

  /** What was kept, opened again. Rejects when it was sealed with another master key. */
  async open(requestId: string, sealed: Buffer): Promise<Captured> {
    const plain = await decompress(this.box.openBytes(sealed, placeOf(requestId)), { maxOutputLength: OPENED_BYTES_MAX });
    return JSON.parse(plain.toString("utf8")) as Captured;
  }

  private async saveSome(some: readonly Waiting[]): Promise<void> {
    try {
      const rows = [];
      for (const { request, response, contentTypes, ...row } of some) {
        const captured: Captured = { request: request.kindly(contentTypes[0]), response: response.kindly(contentTypes[1]) };
        rows.push({ ...row, sealed: this.box.sealBytes(await compress(Buffer.from(JSON.stringify(captured))), placeOf(row.requestId)) });
      }
      await saveCaptured(this.db, rows);
    } catch (error) {
      this.lose(some.length, String(error));
    }
  }

  private lose(count: number, why: string): void {
    this.lost += count;
    this.log.warn({ count, error: why }, "captured bodies were not kept");
  }
}

const placeOf = (requestId: string): string => `captured:${requestId}`;
