import type { Clock } from "../../clock/clock.ts";
import { GatewayError } from "../../errors/gateway-error.ts";

/** A list is taken for the same one for this long after its last page was asked. */
const REMEMBERED_MS = 600_000;
/** Lists remembered at once, and the pages of one: about 20 MB at most. */
const LISTS_MAX = 1_000;
const PAGES_MAX = 1_000;
/** Rows that a jump to a page nobody asked the way to may pass over; a second of the database's time. */
const SKIPPED_MAX = 1_000_000;

/** A list that is read by position, newest first. */
export interface ListSource<Filter, Row extends { id: string }> {
  /** at most `limit` rows with an id below `before` */
  list(filter: Filter, page: { before?: string | undefined; limit: number }): Promise<Row[]>;
  /** the id of the row `count` rows further down, counted from below `before`; undefined when the list ends before it */
  skip(filter: Filter, page: { before?: string | undefined; count: number }): Promise<string | undefined>;
  /** how many rows there are, or so many as are worth counting */
  count(filter: Filter): Promise<number>;
}

interface List {
  /** id below which a page begins, by its number */
  starts: Map<number, string>;
  total: number;
  usedAt: number;
}

/**
 * Page numbers over a list that is read by position. A page that follows one asked before goes on where that one ended, in constant time, however far down and whatever has come
 * since; the first page always shows the newest. Only a jump has to pass over rows.
 */
export class NumberedPages<Filter, Row extends { id: string }> {
  private readonly lists = new Map<string, List>();

  constructor(
    private readonly source: ListSource<Filter, Row>,
    private readonly clock: Clock,
  ) {}

  /** One page (from 1) of `size` rows, and how many rows there are (with a filter: at least so many). Throws GatewayError for a jump too far. */
  async page(filter: Filter, number: number, size: number): Promise<{ rows: Row[]; total: number }> {
    const name = JSON.stringify([filter, size]);
    const list = this.lists.get(name);
    const known = list && this.clock.monotonic() - list.usedAt < REMEMBERED_MS ? list : undefined;
    if (number === 1 || !known) return this.first(filter, name, number, size);
    known.usedAt = this.clock.monotonic();
    const before = known.starts.get(number) ?? (await this.skip(filter, known.starts, number, size));
    return this.rows(filter, known, before, number, size);
  }

  private async first(filter: Filter, name: string, number: number, size: number): Promise<{ rows: Row[]; total: number }> {
    const list: List = { starts: new Map(), total: await this.source.count(filter), usedAt: this.clock.monotonic() };
    const before = number === 1 ? undefined : await this.skip(filter, list.starts, number, size);
    this.lists.delete(name);
    this.lists.set(name, list);
    for (const oldest of this.lists.keys()) {
      if (this.lists.size <= LISTS_MAX) break;
      this.lists.delete(oldest);
    }
    return this.rows(filter, list, before, number, size);
  }

  private async rows(filter: Filter, list: List, before: string | undefined | null, number: number, size: number): Promise<{ rows: Row[]; total: number }> {
    const rows = before === null ? [] : await this.source.list(filter, { before, limit: size });
    const last = rows.at(-1);
    if (last && rows.length === size && list.starts.size < PAGES_MAX) list.starts.set(number + 1, last.id);
    list.total = Math.max(list.total, rows.length > 0 ? (number - 1) * size + rows.length : 0);
    return { rows, total: list.total };
  }

  /** Where a page begins that was not come to page by page: from the nearest known one before it. Null: behind the end. */
  private async skip(filter: Filter, starts: ReadonlyMap<number, string>, number: number, size: number): Promise<string | null> {
    const from = Math.max(1, ...[...starts.keys()].filter((known) => known < number));
    const count = (number - from) * size;
    if (count > SKIPPED_MAX) throw new GatewayError("invalidRequest", { publicText: `A page so far down is reached page by page, or with start_timestamp and end_timestamp.`, param: "p" });
    return (await this.source.skip(filter, { before: starts.get(from), count })) ?? null;
  }
}
