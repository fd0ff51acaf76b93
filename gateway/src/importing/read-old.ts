import { Database } from "bun:sqlite";
import { setImmediate } from "node:timers/promises";
import { SQL } from "bun";
import { copiedRow, copiedTable, type Columns, createdTable, insertedRows, insertedTable } from "./dump-rows.ts";
import { DumpStatements, dumpKindOf } from "./dump-statements.ts";
import { emptyOldData, OLD_TABLES, type OldData, type OldTable, type Row } from "./old-data.ts";

const SQLITE_HEAD = "SQLite format 3\0";
const HEAD_BYTES = 65_536;

const isOldTable = (name: string): name is OldTable => (OLD_TABLES as readonly string[]).includes(name);

/**
 * Reads the tables that are taken over: from a running database (`mysql://`, `postgres://`), a SQLite file, or a dump of any of the three, gzipped or not. Nothing is written there. Rejects where the source cannot be read.
 */
export async function readOldData(source: string): Promise<OldData> {
  if (/^(mysql|mariadb|postgres(ql)?):\/\//.test(source)) return readServer(source);
  const head = Buffer.from(await Bun.file(source).slice(0, HEAD_BYTES).arrayBuffer());
  if (isSqlite(head)) return readTables(new Database(source, { readonly: true, safeIntegers: true }));
  const bytes = Bun.file(source).stream();
  return readDump(isGzip(head) ? bytes.pipeThrough(new DecompressionStream("gzip")) : bytes);
}

/** The same of a file's bytes. */
export async function readOldBytes(bytes: Buffer): Promise<OldData> {
  if (isSqlite(bytes)) return readTables(Database.deserialize(bytes, { readonly: true, safeIntegers: true }));
  const stream = new Blob([new Uint8Array(bytes)]).stream();
  return readDump(isGzip(bytes) ? stream.pipeThrough(new DecompressionStream("gzip")) : stream);
}

const isSqlite = (head: Buffer): boolean => head.subarray(0, SQLITE_HEAD.length).toString("latin1") === SQLITE_HEAD;
const isGzip = (head: Buffer): boolean => head[0] === 0x1f && head[1] === 0x8b;

async function readServer(address: string): Promise<OldData> {
  const sql = new SQL(address, { max: 1 });
  try {
    const data = emptyOldData();
    for (const table of OLD_TABLES) data[table] = (await sql.unsafe(`select * from ${table}`)) as Row[];
    return data;
  } finally {
    await sql.end();
  }
}

function readTables(db: Database): OldData {
  try {
    const data = emptyOldData();
    for (const table of OLD_TABLES) data[table] = db.query<Record<string, Row[string]>, []>(`select * from ${table}`).all();
    return data;
  } finally {
    db.close();
  }
}

/** Reads a dump as its bytes come; others get their turn between any two parts. Rejects with a RangeError what is no dump. */
export async function readDump(bytes: ReadableStream<Uint8Array>): Promise<OldData> {
  const dump = new Dump();
  let decoder: TextDecoder | undefined;
  let first: Uint8Array = new Uint8Array();
  for await (const chunk of bytes) {
    await setImmediate();
    if (decoder) {
      dump.push(decoder.decode(chunk, { stream: true }));
      continue;
    }
    first = Buffer.concat([first, chunk]);
    if (first.length < MARK_BYTES) continue;
    decoder = new TextDecoder(encodingOf(first));
    dump.push(decoder.decode(first, { stream: true }));
  }
  decoder ??= new TextDecoder();
  dump.push(first.length < MARK_BYTES ? decoder.decode(first) : decoder.decode());
  return dump.end();
}

/** Bytes of the longest mark that says how a text is written. */
const MARK_BYTES = 2;
/** A shell of Windows writes what a program prints as UTF-16, with such a mark. */
const encodingOf = ([first, second]: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" => (first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8");

/** A dump whose text comes in parts: the rows of the tables that are taken over. */
class Dump {
  private readonly data = emptyOldData();
  private readonly created = new Map<string, string[]>();
  private kind = dumpKindOf("");
  private statements: DumpStatements | undefined;
  private copying: Columns | undefined;
  private head = "";

  push(text: string): void {
    if (this.statements) return this.take(this.statements.push(text));
    this.head += text;
    if (this.head.length >= HEAD_BYTES) this.begin();
  }

  end(): OldData {
    this.take((this.statements ?? this.begin()).end());
    return this.data;
  }

  private begin(): DumpStatements {
    this.kind = dumpKindOf(this.head);
    this.statements = new DumpStatements(this.kind);
    this.take(this.statements.push(this.head));
    this.head = "";
    return this.statements;
  }

  private take(pieces: ReturnType<DumpStatements["push"]>): void {
    const { data, created, kind } = this;
    for (const piece of pieces) {
      if (piece.kind === "copy-line") {
        if (this.copying && isOldTable(this.copying.table)) data[this.copying.table].push(copiedRow(piece.text, this.copying.columns));
        continue;
      }
      this.copying = copiedTable(piece.text);
      const table = createdTable(piece.text, kind);
      if (table) created.set(table.table, table.columns);
      const filled = insertedTable(piece.text);
      if (filled !== undefined && isOldTable(filled)) for (const row of insertedRows(piece.text, kind, created.get(filled) ?? [])) data[filled].push(row);
    }
  }
}
