import { z } from "zod";

/** Kinds of settings in the environment, where everything is text. */

export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`);

export const httpUrl = z.string().refine((text) => /^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text), "must be an http or https address");

/** A wallet's nano-dollars stay within bigint, with room for what comes later. */
const CREDIT_USD_MAX = 1_000_000_000;

/** Dollars, exact, as text. */
export const dollars = z
  .string()
  .regex(/^\d+(\.\d{1,9})?$/, "must be dollars such as 100 or 0.5")
  .refine((text) => !(Number(text) > CREDIT_USD_MAX), `must be at most ${CREDIT_USD_MAX}`);

/** Faults that no variable has by itself: of those that make sense together only, some are missing. In the place of a name may stand several, any of which will do. */
export function missingOf(together: readonly (readonly (string | readonly string[])[])[], given: Readonly<Record<string, string | undefined>>): string[] {
  return together.flatMap((names) => {
    const parts = names.map((name) => (typeof name === "string" ? [name] : name));
    const present = parts.flatMap((any) => any.find((name) => given[name] !== undefined) ?? []);
    const missing = parts.filter((any) => any.every((name) => given[name] === undefined));
    return present.length > 0 ? missing.map((any) => `${any.join(" or ")}: is needed with ${present.join(" and ")}`) : [];
  });
}
