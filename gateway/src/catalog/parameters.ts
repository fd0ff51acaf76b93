import { z } from "zod";
import { ownOf } from "../dialects/canonical/fields.ts";
import { type Condition, conditionText, numberOf, type Option, type Options, sameOption, within } from "./conditions.ts";
import { readBy } from "./counts.ts";
import type { PriceTable } from "./price-table.ts";

const option = z.union([z.string(), z.number(), z.boolean()]);

/**
 * A parameter that the price depends on, or that says how much is made. `values`: the ones that it may have; or a number `from`..`to`, in whole numbers unless `fraction`.
 * `default`: what the vendor takes where the caller says nothing (its document, M23); a parameter without one must be there, unless it is `optional`: no price looks at such a one, and what is said of it is held against its values.
 */
export const parameterSchema = z
  .strictObject({
    values: z.array(option).min(1).optional(),
    from: z.number().optional(),
    to: z.number().optional(),
    fraction: z.boolean().optional(),
    default: option.optional(),
    optional: z.literal(true).optional(),
  })
  .refine(({ values, from, to }) => (values !== undefined) !== (from !== undefined || to !== undefined), "names either values, or from and to");

/** A parameter as written. */
export type Parameter = z.infer<typeof parameterSchema>;

/** The parameters of a model that matter to its price, by name. */
export type Parameters = Readonly<Record<string, Parameter>>;

/** A parameter that is missing, or has a value that it cannot have. */
export interface ParameterFault {
  parameter: string;
  /** what it may be, in words */
  allowed: string;
}

/** What a parameter may be, in words: `5|10`, `1..9`. */
export const allowedText = (parameter: Parameter): string => conditionText(parameter.values ?? { from: parameter.from, to: parameter.to });

/**
 * The options with their defaults filled in, each value as the catalog spells it (`"1080P"` is `1080p`, `"5"` is 5). What the model does not declare stays as it is: no price looks at it.
 * Gives the first parameter instead that is missing, or has a value that it cannot have.
 */
export function readOptions(parameters: Parameters, options: Options): { options: Options } | { fault: ParameterFault } {
  const read: Record<string, Option> = { ...options };
  for (const [name, parameter] of Object.entries(parameters)) {
    const value = ownOf(options, name) ?? parameter.default;
    if (value === undefined && parameter.optional) continue;
    const known = value === undefined ? undefined : knownValue(parameter, value);
    if (known === undefined) return { fault: { parameter: name, allowed: allowedText(parameter) } };
    read[name] = known;
  }
  return { options: read };
}

/** The value as the parameter knows it; undefined: it cannot have it. */
function knownValue(parameter: Parameter, value: Option): Option | undefined {
  if (parameter.values) return parameter.values.find((entry) => sameOption(entry, value));
  const number = numberOf(value);
  return number !== undefined && within(parameter, number) && (parameter.fraction === true || Number.isInteger(number)) ? number : undefined;
}

/**
 * Holds a price table against the parameters it speaks of: a name or value that is no parameter's would make a price that no call reaches. Faults are added to `faults`, each beginning with `where`.
 */
export function checkParameters(parameters: Parameters, table: PriceTable, where: string, faults: string[]): void {
  for (const [name, parameter] of Object.entries(parameters))
    if (parameter.default !== undefined && knownValue(parameter, parameter.default) === undefined) faults.push(`${where}.parameters.${name}.default: is not one of ${allowedText(parameter)}`);
  for (const [index, variant] of (table.variants ?? []).entries())
    for (const [name, condition] of Object.entries(variant.when)) {
      const parameter = ownOf(parameters, name);
      if (!parameter || parameter.optional) faults.push(`${where}.prices.variants[${index}].when.${name}: is no parameter of the model`);
      else for (const value of valuesOf(condition)) if (knownValue(parameter, value) === undefined) faults.push(`${where}.prices.variants[${index}].when.${name}: ${String(value)} is not one of ${allowedText(parameter)}`);
    }
  for (const counts of [table, ...(table.variants ?? [])].flatMap((entry) => [entry.counts ?? {}, entry.worstCounts ?? {}]))
    for (const [name, rule] of Object.entries(counts))
      for (const read of rule === undefined ? [] : readBy(rule)) if (!Object.hasOwn(parameters, read)) faults.push(`${where}.prices.counts.${name}: ${read} is no parameter of the model`);
}

const valuesOf = (condition: Condition): readonly Option[] => (typeof condition === "object" && !Array.isArray(condition) ? [] : ([condition].flat() as Option[]));
