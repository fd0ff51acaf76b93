import { GatewayError } from "../../errors/gateway-error.ts";

/** A 400 that names the field at fault, e.g. `input[2].content[0].type`. */
export const fault = (publicText: string, param: string): GatewayError => new GatewayError("invalidRequest", { publicText, param });

/** An optional member of a known type; null counts as missing. Throws a 400 for another type. */
export function optional(value: unknown, type: "string", param: string): string | undefined;
export function optional(value: unknown, type: "boolean", param: string): boolean | undefined;
export function optional(value: unknown, type: "number", param: string): number | undefined;
export function optional(value: unknown, type: "string" | "boolean" | "number", param: string): unknown {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== type) throw fault(`"${param}" must be ${NAMES[type]}.`, param);
  return value;
}

const NAMES = { string: "a text", boolean: "true or false", number: "a number" } as const;

/** A member that must be a text. */
export function text(value: unknown, param: string): string {
  const found = optional(value, "string", param);
  if (found === undefined) throw fault(`"${param}" is missing.`, param);
  return found;
}

/** A member that must be an object. */
export function object(value: unknown, param: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw fault(`"${param}" must be an object.`, param);
  return value as Record<string, unknown>;
}

/** A member that must be a list of at most `most` entries. */
export function list(value: unknown, param: string, most: number): unknown[] {
  if (!Array.isArray(value)) throw fault(`"${param}" must be a list.`, param);
  if (value.length > most) throw fault(`"${param}" may have ${most} entries at most.`, param);
  return value;
}

/** A member that must be one of a few texts; null counts as missing. */
export function oneOf<T extends string>(value: unknown, allowed: readonly T[], param: string): T | undefined {
  const found = optional(value, "string", param);
  if (found === undefined) return undefined;
  if (!allowed.includes(found as T)) throw fault(`"${param}" must be one of: ${allowed.join(", ")}.`, param);
  return found as T;
}
