import { z } from "zod";
import type { Model } from "./model.ts";
import { parseDecimal, RATIO_ONE, RATIO_SCALE } from "./money.ts";
import { type PriceTable, priceTableSchema } from "./price-table.ts";

/** A ratio above this is a percentage written as a factor (175 for 1.75). */
const RATIO_MAX = 100n * RATIO_ONE;
/** Characters of a group's name. */
const NAME_LENGTH_MAX = 100;
/** Groups that a key may be led on to: more is no order that anybody means. */
const FALLBACK_MAX = 20;
const groupName = z.string().min(1).max(NAME_LENGTH_MAX);

/** A group as data files and settings write it. Laid over one of the same name it replaces member by member; `null` takes a member away. */
export const groupSchema = z.strictObject({
  name: groupName,
  ratio: z.union([z.string(), z.number()]).transform(String).optional(),
  channels: z.union([z.literal("*"), z.array(z.string().min(1))]).optional(),
  description: z.string().nullish(),
  users: z.array(z.int().min(1)).nullish(),
  fallback: z.array(groupName).max(FALLBACK_MAX).nullish(),
  prices: z.record(z.string(), priceTableSchema).nullish(),
  disabled: z.boolean().nullish(),
});

/** A group as written. */
export interface Group {
  name: string;
  /** exact decimal; multiplies every price */
  ratio: string;
  /** `*` for every channel, or names of channels and `vendor:<id>` for all channels of a vendor */
  channels: "*" | string[];
  description?: string | null | undefined;
  /** ids of the accounts that may use it; everybody unless told */
  users?: number[] | null | undefined;
  /** groups that are tried after this one, in this order, each at its own ratio and for whom it is for; they lead on no further */
  fallback?: string[] | null | undefined;
  /** what its callers pay for a model instead of the list price: final prices, which the ratio does not multiply */
  prices?: Record<string, PriceTable> | null | undefined;
  /** keys of it are refused */
  disabled?: boolean | null | undefined;
}

/** A group whose ratio is ready for the evaluator. */
export type PricedGroup = Group & {
  /** the ratio in whole millionths */
  ratioMicro: bigint;
  /** the accounts that may use it; undefined: all */
  only: ReadonlySet<number> | undefined;
  /** models with prices of its own, by id */
  own: ReadonlyMap<string, Model>;
};

/** Whether an account may use a group. */
export const mayUseGroup = (group: PricedGroup, userId: number): boolean => group.disabled !== true && (group.only?.has(userId) ?? true);

/** A group as written in one or several places together. */
export type GroupEntry = z.infer<typeof groupSchema>;

/** Makes a group of a merged entry: at list price over every channel unless it says otherwise. Throws RangeError when its ratio is no decimal, negative, finer than a millionth or above 100. */
export function pricedGroup(entry: GroupEntry): PricedGroup {
  const group: Group = { ...entry, ratio: entry.ratio ?? "1", channels: entry.channels ?? "*" };
  const ratioMicro = parseDecimal(group.ratio, RATIO_SCALE);
  if (ratioMicro < 0n) throw new RangeError(`${group.ratio} is negative; a ratio never is`);
  if (ratioMicro > RATIO_MAX)
    throw new RangeError(
      `${group.ratio} is beyond any ratio; it is a factor, for example "1.75", not a percentage`,
    );
  return { ...group, ratioMicro, only: group.users ? new Set(group.users) : undefined, own: new Map() };
}
