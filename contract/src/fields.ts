import { z } from "zod";

/** Fields that several management routes share. What comes in is text of bounded length and whole numbers of bounded size; nothing is guessed. */

/** A text that a person searches for. */
const SEARCH_LENGTH_MAX = 100;
/** Digits of an id: within what a JSON number holds exactly. */
const ID_DIGITS_MAX = 15;
/** Rows of one page of our own lists. */
const PAGE_ROWS_MAX = 1_000;
const PAGE_ROWS_DEFAULT = 50;

export const searchText = z.string().max(SEARCH_LENGTH_MAX);

/** A whole number in a path or a query, where everything is text. */
export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`)
    .meta({ type: "integer", minimum: least, maximum: most });

/** An id in a path. */
export const idText = z.string().regex(new RegExp(`^[1-9]\\d{0,${ID_DIGITS_MAX - 1}}$`), "must be an id").meta({ description: "a positive whole number" });
export const idParams = z.object({ id: idText });

/** A yes or no in a query. */
export const flagText = z.enum(["true", "false"]).transform((text) => text === "true").meta({ type: "boolean" });

/** Which part of a list: `after` is the `next` of the page before, a text of this form. */
const partOf = (place: RegExp) => ({ limit: wholeNumber(1, PAGE_ROWS_MAX).default(PAGE_ROWS_DEFAULT), after: z.string().regex(place, 'must be the "next" of another page').optional() });
/** Of a list in the order of numbers. */
export const pageQuery = partOf(/^\d{1,18}$/);
/** Of a list in the order of requests. */
export const requestPageQuery = partOf(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

/** One page of a list, and what to ask for the next one with. */
export const page = <Row extends z.ZodType>(row: Row) => z.object({ data: z.array(row), next: z.string().nullable().describe("`after` of the next page; null: this is the last") });

/** A stream of events, as its single event is described: OpenAPI 3.1 has no word for the stream. */
export const serverSentEvent = z.object({ event: z.string().optional(), data: z.string(), id: z.string().optional() }).describe("each event of the stream");

export const unixSeconds = z.int().describe("Unix seconds");
/** Dollars, exact: `"12.5"`, `"-0.000000001"`. */
export const usd = z.string().describe('dollars as an exact decimal, such as "12.5"');
