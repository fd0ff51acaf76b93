import type { DumpKind } from "./dump-statements.ts";
import type { Cell, Row } from "./old-data.ts";
import { table } from "../table.ts";

const NAME = String.raw`(?:[\`"]?\w+[\`"]?\.)?[\`"]?(\w+)[\`"]?`;
const INSERT = new RegExp(String.raw`^\s*insert\s+(?:ignore\s+)?into\s+${NAME}\s*(?:\(([^()]*)\)\s*)?values\s*`, "i");
const CREATE = new RegExp(String.raw`^\s*create\s+table\s+(?:if\s+not\s+exists\s+)?${NAME}\s*\(([\s\S]*)\)[^)]*$`, "i");
const COPY = new RegExp(String.raw`^\s*copy\s+${NAME}\s*\(([^()]*)\)\s*from\s+stdin`, "i");
/** What stands in a table beside columns. MySQL's dumps quote every name, so that a bare `key` is an index there; elsewhere it is a column. */
const NO_COLUMN: Record<DumpKind, RegExp> = { mysql: /^(primary|unique|key|index|constraint|foreign|fulltext|spatial|check)\b/i, standard: /^(primary|unique|constraint|foreign|check|exclude)\b/i };
const MYSQL_ESCAPES: Record<string, string> = table({ n: "\n", t: "\t", r: "\r", "0": "\0", b: "\b", Z: "\u001a" });
const COPY_ESCAPES: Record<string, string> = table({ n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v" });

/** A table's name and its columns. */
export interface Columns {
  table: string;
  columns: string[];
}

const bare = (name: string): string => name.trim().replaceAll(/^[`"]|[`"]$/g, "").toLowerCase();
const listed = (text: string): string[] => text.split(",").map(bare);

/** The columns of a CREATE TABLE; undefined for another statement. */
export function createdTable(statement: string, kind: DumpKind): Columns | undefined {
  const match = CREATE.exec(statement);
  if (!match) return undefined;
  const columns = topLevel(match[2] ?? "").map((part) => part.trim()).filter((part) => part !== "" && !NO_COLUMN[kind].test(part));
  return { table: bare(match[1] ?? ""), columns: columns.map((part) => bare(/^[`"]?\w+[`"]?/.exec(part)?.[0] ?? "")) };
}

/** The head of a COPY; undefined for another statement. */
export function copiedTable(statement: string): Columns | undefined {
  const match = COPY.exec(statement);
  return match ? { table: bare(match[1] ?? ""), columns: listed(match[2] ?? "") } : undefined;
}

/** Which table an INSERT fills; undefined for another statement. */
export const insertedTable = (statement: string): string | undefined => {
  const match = INSERT.exec(statement.slice(0, 4_096));
  return match ? bare(match[1] ?? "") : undefined;
};

/** The rows of an INSERT. `created`: the table's columns where the statement names none. Throws RangeError for what is no list of values. */
export function insertedRows(statement: string, kind: DumpKind, created: readonly string[]): Row[] {
  const match = INSERT.exec(statement);
  if (!match) return [];
  const columns = match[2] === undefined ? created : listed(match[2]);
  const values = new Values(statement, match[0].length, kind);
  const rows: Row[] = [];
  for (let row = values.tuple(); row; row = values.tuple()) {
    if (row.length !== columns.length) throw new RangeError(`${match[1]}: a row has ${row.length} values for ${columns.length} columns`);
    rows.push(Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
  }
  return rows;
}

/** A line of a COPY (Postgres, "text" format). */
export function copiedRow(line: string, columns: readonly string[]): Row {
  const cells = line.split("\t").map((cell) => (cell === String.raw`\N` ? null : cell.replaceAll(/\\(.)/g, (_, letter: string) => COPY_ESCAPES[letter] ?? letter)));
  return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? null]));
}

/** Parts between commas that stand in no parentheses and no quotes. */
function topLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const piece of text.match(/'(?:[^'\\]|''|\\.)*'|[^']/g) ?? []) {
    if (piece === "(") depth += 1;
    if (piece === ")") depth -= 1;
    if (piece === "," && depth === 0) {
      parts.push(part);
      part = "";
    } else part += piece;
  }
  return [...parts, part];
}

/** The values of an INSERT, one tuple after another. */
class Values {
  constructor(
    private readonly text: string,
    private at: number,
    private readonly kind: DumpKind,
  ) {}

  tuple(): Cell[] | undefined {
    this.skip(/[\s,]*/y);
    if (this.text[this.at] !== "(") return undefined;
    this.at += 1;
    const cells: Cell[] = [];
    for (;;) {
      this.skip(/\s*/y);
      cells.push(this.cell());
      this.skip(/\s*/y);
      const mark = this.text[this.at];
      this.at += 1;
      if (mark === ")") return cells;
      if (mark !== ",") throw new RangeError(`a list of values is broken at ${this.at}`);
    }
  }

  private cell(): Cell {
    const prefix = this.skip(/_binary\s+|_utf8mb4\s+|[eEnNxXbB](?=')/y).trim().toLowerCase();
    if (this.text[this.at] === "'") {
      const value = this.string(this.kind === "mysql" || prefix === "e");
      if (prefix === "x") return Buffer.from(value, "hex");
      return prefix === "b" ? Number.parseInt(value, 2) : value;
    }
    if (this.skip(/replace\(/iy) !== "") return this.replaced();
    const word = this.skip(/[^\s,()]+(?:\(\))?/y);
    if (/^null$/i.test(word)) return null;
    if (/^0x[0-9a-f]*$/i.test(word)) return Buffer.from(word.slice(2), "hex");
    if (word === "") throw new RangeError(`a value is missing at ${this.at}`);
    return word;
  }

  /** `replace('a\nb','\n',char(10))`: how sqlite3 writes line ends. */
  private replaced(): Cell {
    const value = String(this.cell());
    this.skip(/\s*,\s*/y);
    const mark = String(this.cell());
    const code = /\d+/.exec(this.skip(/\s*,\s*char\(\d+\)\s*\)/iy))?.[0];
    if (code === undefined) throw new RangeError(`a value cannot be read at ${this.at}`);
    return value.replaceAll(mark, String.fromCodePoint(Number(code)));
  }

  /** By hand: a pattern would need a stack as deep as the string is long. */
  private string(escapes: boolean): string {
    const from = this.at + 1;
    for (let i = from; i < this.text.length; i += 1) {
      if (escapes && this.text[i] === "\\") i += 1;
      else if (this.text[i] === "'") {
        if (this.text[i + 1] === "'") i += 1;
        else {
          this.at = i + 1;
          const inner = this.text.slice(from, i).replaceAll("''", "'");
          return escapes ? inner.replaceAll(/\\([\s\S])/g, (_, letter: string) => MYSQL_ESCAPES[letter] ?? letter) : inner;
        }
      }
    }
    throw new RangeError(`a string does not end that begins at ${this.at}`);
  }

  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }
}
