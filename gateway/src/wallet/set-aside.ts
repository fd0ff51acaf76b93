import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Beside the journals; one file for all processes, since an append of one line is whole (O_APPEND). */
const FILE = "set-aside.jsonl";
const DAMAGED_SUFFIX = ".damaged";

export interface SetAsideRecord {
  /** ISO time */
  at: string;
  processId: string;
  /** what Postgres said */
  reason: string;
  /** the record's JSON text, as the journal had it but for the caller's address and words: this file stays until a person removes it, an account may go sooner */
  record: string;
}

/**
 * Records that Postgres refuses for what they hold. They are kept for a person to look at, so that one of them cannot stop the settlement of all others; `doctor`, `/readyz` and a metric tell of them.
 */
export class SetAside {
  private readonly path: string;
  /** lines counted so far, up to `bytes` */
  private counted = { bytes: 0, lines: 0 };

  /** `folder`: where the journals lie. */
  constructor(private readonly folder: string) {
    this.path = join(folder, FILE);
  }

  /** Keeps a record. Throws when the disk refuses: then it must stay in the journal. */
  add(processId: string, record: string, reason: string): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const entry: SetAsideRecord = { at: new Date().toISOString(), processId, reason, record: withoutPerson(record) };
    appendFileSync(this.path, `${JSON.stringify(entry)}\n`, { mode: 0o600, flush: true });
  }

  list(): SetAsideRecord[] {
    if (!existsSync(this.path)) return [];
    return readFileSync(this.path, "utf8").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as SetAsideRecord);
  }

  /** How many there are, of all processes. Cheap while none is added. */
  count(): number {
    const bytes = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (bytes !== this.counted.bytes) this.counted = { bytes, lines: bytes === 0 ? 0 : this.list().length };
    return this.counted.lines;
  }

  /** Journals with damaged lines, put aside by recovery. */
  damagedJournals(): string[] {
    return existsSync(this.folder) ? readdirSync(this.folder).filter((name) => name.endsWith(DAMAGED_SUFFIX)) : [];
  }
}

/** A text that is no JSON object stays as it is. */
function withoutPerson(record: string): string {
  try {
    const { ip: _ip, metadata: _metadata, ...rest } = JSON.parse(record) as Record<string, unknown>;
    return JSON.stringify(rest);
  } catch {
    return record;
  }
}
