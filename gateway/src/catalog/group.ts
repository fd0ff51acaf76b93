import { z } from "zod";
import { parseDecimal, RATIO_ONE, RATIO_SCALE } from "./money.ts";

/** A ratio above this is a percentage written as a factor (175 for 1.75). */
const RATIO_MAX = 100n * RATIO_ONE;
/** Characters of a group's name. */
const NAME_LENGTH_MAX = 100;

/** A group as data files and settings write it. */
export const groupSchema = z.strictObject({
  name: z.string().min(1).max(NAME_LENGTH_MAX),
  ratio: z.union([z.string(), z.number()]).transform(String),
  channels: z.union([z.literal("*"), z.array(z.string().min(1))]),
  description: z.string().optional(),
});

/** A group as written. */
export interface Group {
  name: string;
  /** exact decimal; multiplies every price */
  ratio: string;
  /** `*` for every channel, or names of channels and `vendor:<id>` for all channels of a vendor */
  channels: "*" | string[];
  description?: string | undefined;
}

/** A group whose ratio is ready for the evaluator. */
export type PricedGroup = Group & {
  /** the ratio in whole millionths */
  ratioMicro: bigint;
};

/** Reads the group's ratio. Throws RangeError when it is no decimal, negative, finer than a millionth or above 100. */
export function pricedGroup(group: Group): PricedGroup {
  const ratioMicro = parseDecimal(group.ratio, RATIO_SCALE);
  if (ratioMicro < 0n) throw new RangeError(`${group.ratio} is negative; a ratio never is`);
  if (ratioMicro > RATIO_MAX)
    throw new RangeError(
      `${group.ratio} is beyond any ratio; it is a factor, for example "1.75", not a percentage`,
    );
  return { ...group, ratioMicro };
}
