import type { Balance } from "./adapter.ts";

/** An amount that a vendor told, as a number or as text; nothing for what is neither. */
export function balanceOf(value: unknown, unit: string): Balance[] {
  if (typeof value === "number" && Number.isFinite(value)) return [{ amount: String(value), unit }];
  return typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? [{ amount: value, unit }] : [];
}

/** A member that is an object; an empty one where it is none. */
export const memberOf = (value: Record<string, unknown>, name: string): Record<string, unknown> => {
  const member = value[name];
  return typeof member === "object" && member !== null && !Array.isArray(member) ? (member as Record<string, unknown>) : {};
};
