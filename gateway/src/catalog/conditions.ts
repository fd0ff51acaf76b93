import { z } from "zod";
import { ownOf } from "../dialects/canonical/fields.ts";
import { table } from "../table.ts";

/** A value that a caller chooses: a text, a number, yes or no. */
export type Option = string | number | boolean;

/** What a caller chose beside the model, by parameter. */
export type Options = Readonly<Record<string, Option>>;

/** Numbers from one to another, both included; one of the two may be missing. */
export interface NumberRange {
  from?: number | undefined;
  to?: number | undefined;
}

/** What a parameter must be: this value, one of these, or a number within a range. */
export type Condition = Option | readonly Option[] | NumberRange;

const option = z.union([z.string(), z.number(), z.boolean()]);

/** A range as data files and settings write it. */
export const rangeSchema = z
  .strictObject({ from: z.number().optional(), to: z.number().optional() })
  .refine(({ from, to }) => from !== undefined || to !== undefined, "names neither from nor to")
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, "from is greater than to");

/** A condition as data files and settings write it. */
export const conditionSchema = z.union([option, z.array(option).min(1), rangeSchema]);

/** Words that vendors use for yes and no (Kling's `sound`). */
const YES_AND_NO: Readonly<Record<string, string>> = table({ on: "true", off: "false" });
/** `"5"` and `"5s"` (Luma) are the number 5. */
const NUMERIC = /^(\d+(?:\.\d+)?)s?$/;

/** The number that a value means, or undefined. */
export function numberOf(value: Option): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  const match = typeof value === "string" ? NUMERIC.exec(value.trim()) : null;
  return match ? Number(match[1]) : undefined;
}

/** Whether two values mean the same: without case, `5` like `"5"` and `"5s"`, `true` like `"true"` and `"on"`. */
export function sameOption(one: Option, other: Option): boolean {
  const [a, b] = [numberOf(one), numberOf(other)];
  return a !== undefined || b !== undefined ? a === b : wordOf(one) === wordOf(other);
}

const wordOf = (value: Option): string => {
  const word = String(value).trim().toLowerCase();
  return YES_AND_NO[word] ?? word;
};

/** Whether a parameter's value is what a condition asks for; a value that is missing meets none. */
export function meets(condition: Condition, value: Option | undefined): boolean {
  if (value === undefined) return false;
  if (isList(condition)) return condition.some((wanted) => sameOption(wanted, value));
  return isRange(condition) ? within(condition, value) : sameOption(condition, value);
}

/** Whether a value is a number of the range. */
export function within({ from, to }: NumberRange, value: Option): boolean {
  const number = numberOf(value);
  return number !== undefined && number >= (from ?? Number.NEGATIVE_INFINITY) && number <= (to ?? Number.POSITIVE_INFINITY);
}

/** The first of some conditions by parameter that does not hold; undefined: all hold. */
export function unmet(when: Readonly<Record<string, Condition>>, options: Options): string | undefined {
  for (const name in when) {
    const condition = when[name];
    if (condition !== undefined && !meets(condition, ownOf(options, name))) return name;
  }
  return undefined;
}

/** A condition in words: `5`, `480p|720p`, `1..5`, `6..`. */
export function conditionText(condition: Condition): string {
  if (isList(condition)) return condition.map(String).join("|");
  return isRange(condition) ? `${condition.from ?? ""}..${condition.to ?? ""}` : String(condition);
}

const isList = (condition: Condition): condition is readonly Option[] => Array.isArray(condition);
const isRange = (condition: Condition): condition is NumberRange => typeof condition === "object" && !Array.isArray(condition);
