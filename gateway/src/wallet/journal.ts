import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

/** A file beyond this size is closed and a new one begun, so that applied records can be dropped file by file. */
const SEGMENT_BYTES_MAX = 8 * 1024 * 1024;
/** Journal files end with this; the name before it is `<process id>.<number>`. */
const SUFFIX = ".journal";

/**
 * The process's own note of settled requests, written before an answer's last byte goes out and applied to Postgres in batches.
 *
 * A record is one line: crc32 of the JSON in 8 hex digits, a space, one JSON object. Records that come within one turn of the event loop are written together. `append` resolves when
 * the kernel has the bytes: they survive a kill of this process. (Not a power cut: that may cost the records of the last moment, as they wait at most one batch.) A torn last line
 * was never followed by a last byte, so it is dropped.
 */
export class Journal {
  private file: number;
  private path: string;
  private segment = 0;
  private bytes = 0;
  /** closed files with the count of their records not yet applied */
  private readonly closing: { path: string; pending: number }[] = [];
  private pending = 0;
  /** records of this turn, not yet written */
  private group: { records: string[]; text: string; done: PromiseWithResolvers<void> } | undefined;
  /** hears of records that are written */
  onWritten: (records: readonly string[]) => void = () => undefined;

  constructor(
    private readonly folder: string,
    private readonly processId: string,
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.path = this.segmentPath(this.segment);
    this.file = openSync(this.path, "a", 0o600);
  }

  /** Writes one record (JSON text without newlines) with its turn. Rejects when the disk refuses: then the request must not count as settled. */
  append(json: string): Promise<void> {
    if (!this.group) {
      this.group = { records: [], text: "", done: Promise.withResolvers() };
      setImmediate(() => this.writeGroup());
    }
    this.group.records.push(json);
    this.group.text += `${checksum(json)} ${json}\n`;
    return this.group.done.promise;
  }

  private writeGroup(): void {
    const { group } = this;
    if (!group) return;
    this.group = undefined;
    try {
      this.write(Buffer.from(group.text));
    } catch (error) {
      return group.done.reject(error);
    }
    this.pending += group.records.length;
    this.onWritten(group.records);
    group.done.resolve();
    if (this.bytes > SEGMENT_BYTES_MAX) this.rotate();
  }

  private write(lines: Buffer): void {
    try {
      let written = 0;
      while (written < lines.length) written += writeSync(this.file, lines, written);
    } catch (error) {
      // A half line must not swallow the next record.
      ftruncateSync(this.file, this.bytes);
      throw error;
    }
    this.bytes += lines.length;
  }

  /** The oldest `count` records are in the database: files that hold only such records are deleted. */
  applied(count: number): void {
    let rest = count;
    while (rest > 0 && this.closing[0]) {
      const oldest = this.closing[0];
      const taken = Math.min(rest, oldest.pending);
      oldest.pending -= taken;
      rest -= taken;
      if (oldest.pending > 0) return;
      unlinkSync(oldest.path);
      this.closing.shift();
    }
    this.pending -= rest;
    if (this.pending === 0 && this.bytes > SEGMENT_BYTES_MAX / 2) this.rotate();
  }

  /** Closes the journal; an empty or wholly applied file is removed. */
  close(): void {
    this.writeGroup();
    closeSync(this.file);
    if (this.pending === 0) unlinkSync(this.path);
  }

  /** Begins a new file, so that this one goes as soon as its records are in the database, however few they are. */
  renew(): void {
    if (this.bytes > 0) this.rotate();
  }

  private rotate(): void {
    const path = this.segmentPath(this.segment + 1);
    let file: number;
    try {
      file = openSync(path, "a", 0o600);
    } catch {
      // The disk refuses a new file: the old one goes on, and the next time is tried again.
      return;
    }
    closeSync(this.file);
    if (this.pending === 0) unlinkSync(this.path);
    else this.closing.push({ path: this.path, pending: this.pending });
    this.file = file;
    this.path = path;
    this.segment += 1;
    this.bytes = 0;
    this.pending = 0;
  }

  private segmentPath(segment: number): string {
    return join(this.folder, `${this.processId}.${String(segment).padStart(6, "0")}${SUFFIX}`);
  }
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, "0");
}

export interface LeftoverJournal {
  path: string;
  processId: string;
  /** JSON texts of all whole records, oldest first */
  records: string[];
  /** bytes that are no whole record: a torn end, or damage */
  damagedLines: number;
}

/** Journals of processes that are no more (all but those in `alive`), in order. */
export function readLeftovers(folder: string, alive: ReadonlySet<string>): LeftoverJournal[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .toSorted()
    .map((name) => ({ path: join(folder, name), processId: name.split(".")[0] ?? "" }))
    .filter(({ processId }) => !alive.has(processId))
    .map(({ path, processId }) => ({ path, processId, ...parseJournal(readFileSync(path, "utf8")) }));
}

/** The whole records of a journal file's text; a line whose checksum does not fit is counted, not trusted. */
export function parseJournal(text: string): { records: string[]; damagedLines: number } {
  const records: string[] = [];
  let damagedLines = 0;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const json = line.slice(9);
    if (line[8] === " " && line.slice(0, 8) === checksum(json)) records.push(json);
    else damagedLines += 1;
  }
  return { records, damagedLines };
}

/** Drops a leftover whose records are all in the database; one with damaged lines is set aside for a person to look at. */
export function removeLeftover(leftover: LeftoverJournal): void {
  if (leftover.damagedLines > 1) renameSync(leftover.path, `${leftover.path}.damaged`);
  else unlinkSync(leftover.path);
}
