import { z } from "zod";
import { ownOf } from "../dialects/canonical/fields.ts";
import { FRACTION_STEPS, FRACTIONAL, TOKENS_MAX, type UsageClass, USAGE_CLASSES } from "../dialects/canonical/usage.ts";
import { numberOf, type Options } from "./conditions.ts";

/**
 * How many units of a class a call makes, out of its parameters: `4`; `"duration"`; `{"of": ["n", "duration"], "times": 1.5}` is n x duration x 1.5; a list is a sum.
 */
const part = z.union([z.number().min(0), z.string().min(1), z.strictObject({ of: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]), times: z.number().positive().optional() })]);
const rule = z.union([part, z.array(part).min(1)]);

/** Count rules by class, as data files and settings write them. */
export const countsSchema = z.strictObject(Object.fromEntries(USAGE_CLASSES.map((name) => [name, rule.optional()])) as Record<UsageClass, z.ZodOptional<typeof rule>>);

type CountPart = z.infer<typeof part>;
/** How many units of a class a call makes. */
export type CountRule = z.infer<typeof rule>;
/** Count rules by class. */
export type CountRules = { readonly [name in UsageClass]?: CountRule | undefined };

/** The parameters that a rule reads. */
export const readBy = (rule: CountRule): string[] => [rule].flat().flatMap(factorsOf);

/** Units of a class by its rule, rounded up; the name of a parameter instead that is missing or no number. */
export function countBy(rule: CountRule, name: UsageClass, options: Options): { units: number } | { missing: string } {
  let sum = 0;
  for (const entry of [rule].flat()) {
    let product = typeof entry === "number" ? entry : typeof entry === "string" ? 1 : (entry.times ?? 1);
    for (const factor of factorsOf(entry)) {
      const value = ownOf(options, factor);
      const number = value === undefined ? undefined : numberOf(value);
      if (number === undefined) return { missing: factor };
      product *= number;
    }
    sum += product;
  }
  return { units: Math.min(roundedUp(sum, FRACTIONAL.has(name) ? FRACTION_STEPS : 1), TOKENS_MAX) };
}

/** Up to the next step, but for the machine's own error (0.1 x 3). */
const roundedUp = (value: number, steps: number): number => Math.ceil(Number((value * steps).toPrecision(12))) / steps;

const factorsOf = (entry: CountPart): string[] => (typeof entry === "number" ? [] : typeof entry === "string" ? [entry] : [entry.of].flat());
