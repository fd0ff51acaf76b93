/** What a New API or One API database holds of what is taken over, in its own words. Cells come as the source has them: dumps know only texts. */
export type Cell = string | number | bigint | boolean | null | Uint8Array | Date;
export type Row = Readonly<Record<string, Cell | undefined>>;

/** The tables that are read. */
export const OLD_TABLES = ["users", "tokens", "channels", "options"] as const;
export type OldTable = (typeof OLD_TABLES)[number];
export type OldData = Record<OldTable, Row[]>;

export const emptyOldData = (): OldData => ({ users: [], tokens: [], channels: [], options: [] });

/** Which of the two wrote it: their channel types differ from 26 on. One API's tokens know subnets, New API's do not. */
export type OldProduct = "new-api" | "one-api";
export const productOf = ({ tokens, channels }: OldData): OldProduct => ([...tokens, ...channels].some((row) => "subnet" in row || "config" in row) ? "one-api" : "new-api");

/** A text cell, without NUL, which no text here holds; "" for none. */
export const textOf = (row: Row, name: string): string => cellText(row[name]).replaceAll("\0", "");

function cellText(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return "";
  return cell instanceof Uint8Array ? Buffer.from(cell).toString("utf8") : String(cell);
}

/** Rows with a character that stands for bytes which were none: the source is not in UTF-8. */
export const unreadable = (rows: readonly Row[]): number => rows.filter((row) => Object.values(row).some((cell) => cellText(cell).includes("\uFFFD"))).length;

/** A whole number, exactly; `otherwise` for none. Throws RangeError for a cell that is none. */
export function wholeOf(row: Row, name: string, otherwise = 0n): bigint {
  const text = textOf(row, name).trim();
  if (text === "") return otherwise;
  if (!/^-?\d+(\.0*)?$/.test(text)) throw new RangeError(`${name}: "${text}" is no whole number`);
  return BigInt(text.split(".")[0] ?? "0");
}

/** A truth, as MySQL (1), Postgres (t) and SQLite (1) write it. */
export const isTrue = (row: Row, name: string): boolean => ["1", "t", "true"].includes(textOf(row, name).toLowerCase());

/** Rows that gorm has not marked as deleted. */
export const isAlive = (row: Row): boolean => textOf(row, "deleted_at") === "";

/** The JSON of a cell where it is an object; an empty one otherwise. */
export function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
