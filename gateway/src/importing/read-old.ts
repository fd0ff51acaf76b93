import { Database } from "bun:sqlite";
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

/** Reads a dump as its bytes come. */
export async function readDump(bytes: ReadableStream<Uint8Array>): Promise<OldData> {
  const data = emptyOldData();
  const created = new Map<string, string[]>();
  let statements: DumpStatements | undefined;
  let copying: Columns | undefined;
  const decoder = new TextDecoder();
  let head = "";

  const take = (pieces: ReturnType<DumpStatements["push"]>, kind: ReturnType<typeof dumpKindOf>): void => {
    for (const piece of pieces) {
      if (piece.kind === "copy-line") {
        if (copying && isOldTable(copying.table)) data[copying.table].push(copiedRow(piece.text, copying.columns));
        continue;
      }
      copying = copiedTable(piece.text);
      const table = createdTable(piece.text, kind);
      if (table) created.set(table.table, table.columns);
      const filled = insertedTable(piece.text);
      if (filled !== undefined && isOldTable(filled)) for (const row of insertedRows(piece.text, kind, created.get(filled) ?? [])) data[filled].push(row);
    }
  };
  let kind = dumpKindOf("");
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true });
    if (!statements) {
      head += text;
      if (head.length < HEAD_BYTES) continue;
      kind = dumpKindOf(head);
      statements = new DumpStatements(kind);
      take(statements.push(head), kind);
    } else take(statements.push(text), kind);
  }
  if (!statements) {
    kind = dumpKindOf(head);
    statements = new DumpStatements(kind);
    take(statements.push(head), kind);
  }
  take(statements.push(decoder.decode()), kind);
  take(statements.end(), kind);
  return data;
}
