/** Whose words a dump is in: MySQL's (and MariaDB's) strings have escapes, others do not. */
export type DumpKind = "mysql" | "standard";

/** Read off the beginning of a dump. */
export const dumpKindOf = (head: string): DumpKind => (/^-- (MySQL|MariaDB) dump/m.test(head) || /^(INSERT INTO|CREATE TABLE(?: IF NOT EXISTS)?) `[^`]+` ?\((?![^;]*PRAGMA)/m.test(head) && !/^(PRAGMA|BEGIN TRANSACTION)/m.test(head) ? "mysql" : "standard");

/** A piece of a dump: a statement without comments, or a line of a COPY's data. */
export type DumpPiece = { kind: "statement"; text: string } | { kind: "copy-line"; text: string };

/** What ends a run of plain characters. */
const PLAIN = /[^'"`;\-#/\n]+/y;
/** Characters of the longest statement or line. MySQL's dumps cut theirs at 16 MB at most; what is longer is no dump, or a bomb. */
const PIECE_MAX = 48_000_000;
const COPY = /^\s*copy\s[\s\S]*\sfrom\s+stdin\s*$/i;

/**
 * Cuts a dump that comes in pieces into its statements: what mysqldump, mariadb-dump, pg_dump (with COPY or --inserts) and sqlite3's .dump write. No library parses dumps as streams, and a parser of
 * whole SQL would hold gigabytes of logs. Memory: one statement. Throws RangeError for a piece longer than any dump's.
 */
export class DumpStatements {
  private held = "";
  private statement = "";
  private copying = false;
  /** the data begin on the next line */
  private headOfCopy = false;
  /** how far what is held was looked through for the end of a string, a comment or a line that begins it */
  private seen = 0;

  constructor(private readonly kind: DumpKind) {}

  push(text: string): DumpPiece[] {
    this.held += text;
    return this.cut(false);
  }

  end(): DumpPiece[] {
    const pieces = this.cut(true);
    if (!this.copying && this.statement.trim() !== "") pieces.push({ kind: "statement", text: this.statement });
    return pieces;
  }

  private cut(whole: boolean): DumpPiece[] {
    const pieces: DumpPiece[] = [];
    let at = 0;
    while (at < this.held.length) {
      const next = this.headOfCopy ? this.lineEnd(at) : this.copying ? this.copyLine(at, pieces) : this.step(at, whole, pieces);
      if (next === undefined) break;
      at = next;
      this.seen = 0;
    }
    this.held = this.held.slice(at);
    if (this.held.length + this.statement.length > PIECE_MAX) throw new RangeError(`a statement is longer than ${PIECE_MAX} characters`);
    return pieces;
  }

  private lineEnd(at: number): number {
    const line = this.held.indexOf("\n", at);
    this.headOfCopy = line < 0;
    return line < 0 ? this.held.length : line + 1;
  }

  private copyLine(at: number, pieces: DumpPiece[]): number | undefined {
    const end = this.find("\n", at, at);
    if (end < 0) return undefined;
    const text = this.held.slice(at, end).replace(/\r$/, "");
    if (text === "\\.") this.copying = false;
    else pieces.push({ kind: "copy-line", text });
    return end + 1;
  }

  /** One run of characters, string, comment or end of a statement; gives where it ends, undefined when that has not come yet. */
  private step(at: number, whole: boolean, pieces: DumpPiece[]): number | undefined {
    PLAIN.lastIndex = at;
    const plain = PLAIN.exec(this.held);
    if (plain) {
      this.statement += plain[0];
      return at + plain[0].length;
    }
    const mark = this.held[at] ?? "";
    if (mark === ";") {
      pieces.push({ kind: "statement", text: this.statement });
      this.copying = this.headOfCopy = COPY.test(this.statement);
      this.statement = "";
      return at + 1;
    }
    if (mark === "'" || mark === '"' || mark === "`") {
      const end = this.stringEnd(at, mark);
      if (end === undefined || (end === this.held.length && !whole)) return undefined;
      this.statement += this.held.slice(at, end);
      return end;
    }
    const comment = this.commentEnd(at, mark, whole);
    if (comment !== "none") return comment;
    this.statement += mark;
    return at + 1;
  }

  /** Where something stands that ends what begins at `at`; -1 when it has not come. Nothing is looked through twice. */
  private find(end: string, at: number, from: number): number {
    const found = this.held.indexOf(end, Math.max(from, at + this.seen));
    this.seen = found < 0 ? Math.max(0, this.held.length - at - end.length + 1) : 0;
    return found;
  }

  /** Behind a string's last mark. Undefined when it has not come: the next character decides whether a mark is doubled. */
  private stringEnd(at: number, mark: string): number | undefined {
    let i = at + Math.max(1, this.seen);
    for (; i < this.held.length; i += 1) {
      const pair = (this.kind === "mysql" && mark !== "`" && this.held[i] === "\\") || (this.held[i] === mark && this.held[i + 1] === mark);
      if (pair && i + 1 === this.held.length) break;
      if (pair) i += 1;
      else if (this.held[i] === mark) return i + 1;
    }
    this.seen = i - at;
    return undefined;
  }

  private commentEnd(at: number, mark: string, whole: boolean): number | undefined | "none" {
    const two = this.held.slice(at, at + 2);
    if (two.length < 2 && !whole && (mark === "-" || mark === "/")) return undefined;
    if (two === "--" || (mark === "#" && this.kind === "mysql")) {
      const end = this.find("\n", at, at);
      return end < 0 ? (whole ? this.held.length : undefined) : end;
    }
    if (two === "/*") {
      const end = this.find("*/", at, at + 2);
      return end < 0 ? (whole ? this.held.length : undefined) : end + 2;
    }
    return "none";
  }
}
