import type { z } from "zod";

/** Longest text of a value that is shown. */
const VALUE_LENGTH_MAX = 100;

/** What is wrong with what a payment service told, for an operator: the first member at fault, and what it is. Pure. */
export function faultOf(told: unknown, issue: z.core.$ZodIssue | undefined): string {
  const path = issue?.path ?? [];
  const value = path.reduce<unknown>((part, key) => (typeof part === "object" && part !== null ? (part as Record<PropertyKey, unknown>)[key] : undefined), told);
  return `${path.map(String).join(".")} is ${(JSON.stringify(value) ?? "missing").slice(0, VALUE_LENGTH_MAX)}`;
}
