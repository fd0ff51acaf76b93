/** Whose words a dump is in: MySQL's (and MariaDB's) strings have escapes, others do not. */
export type DumpKind = "mysql" | "standard";

/** Read off the beginning of a dump. */
export const dumpKindOf = (head: string): DumpKind => (/^-- (MySQL|MariaDB) dump/m.test(head) || /^(INSERT INTO|CREATE TABLE(?: IF NOT EXISTS)?) `[^`]+` ?\((?![^;]*PRAGMA)/m.test(head) && !/^(PRAGMA|BEGIN TRANSACTION)/m.test(head) ? "mysql" : "standard");

/** A piece of a dump: a statement without comments, or a line of a COPY's data. */
export type DumpPiece = { kind: "statement"; text: string } | { kind: "copy-line"; text: string };

/** What ends a run of plain characters. */
const PLAIN = /[^'"`;\-#/\n]+/y;
const COPY = /^\s*copy\s[\s\S]*\sfrom\s+stdin\s*$/i;

/**
 * Cuts a dump that comes in pieces into its statements: what mysqldump, mariadb-dump, pg_dump (with COPY or --inserts) and sqlite3's .dump write. No library parses dumps as streams, and a parser of
 * whole SQL would hold gigabytes of logs. Memory: one statement.
 */
export class DumpStatements {
  private held = "";
  private statement = "";
  private copying = false;

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
      const next = this.copying ? this.copyLine(at, pieces) : this.step(at, whole, pieces);
      if (next === undefined) break;
      at = next;
    }
    this.held = this.held.slice(at);
    return pieces;
  }

  private copyLine(at: number, pieces: DumpPiece[]): number | undefined {
    const end = this.held.indexOf("\n", at);
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
      this.copying = COPY.test(this.statement);
      this.statement = "";
      if (!this.copying) return at + 1;
      const line = this.held.indexOf("\n", at);
      // The data begin on the next line.
      return line < 0 ? this.held.length : line + 1;
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

  /** Behind a string's last mark. Undefined when it has not come: the next character decides whether a mark is doubled. */
  private stringEnd(at: number, mark: string): number | undefined {
    for (let i = at + 1; i < this.held.length; i += 1) {
      if (this.kind === "mysql" && mark !== "`" && this.held[i] === "\\") i += 1;
      else if (this.held[i] === mark) {
        if (this.held[i + 1] !== mark) return i + 1;
        i += 1;
      }
    }
    return undefined;
  }

  private commentEnd(at: number, mark: string, whole: boolean): number | undefined | "none" {
    const two = this.held.slice(at, at + 2);
    if (two.length < 2 && !whole && (mark === "-" || mark === "/")) return undefined;
    if (two === "--" || (mark === "#" && this.kind === "mysql")) {
      const end = this.held.indexOf("\n", at);
      return end < 0 ? (whole ? this.held.length : undefined) : end;
    }
    if (two === "/*") {
      const end = this.held.indexOf("*/", at + 2);
      return end < 0 ? (whole ? this.held.length : undefined) : end + 2;
    }
    return "none";
  }
}
