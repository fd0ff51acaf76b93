import { GatewayError } from "../../errors/gateway-error.ts";

/** Strict readers of the caller's words. Every fault names its field as Anthropic does: `messages.0.content.1.text: Input should be a valid string`. */

/** A fault of the request (400, invalid_request_error). */
export function fault(param: string, text: string): GatewayError {
  return new GatewayError("invalidRequest", { publicText: `${param}: ${text}`, param });
}

export type Words = Record<string, unknown>;

const isObject = (value: unknown): value is Words => typeof value === "object" && value !== null && !Array.isArray(value);

/** An object; throws for anything else. */
export function objectAt(value: unknown, param: string): Words {
  if (!isObject(value)) throw fault(param, "Input should be an object");
  return value;
}

/** An optional object; null counts as missing. */
export function optionalObject(value: unknown, param: string): Words | undefined {
  return value === undefined || value === null ? undefined : objectAt(value, param);
}

/** A list of at most `most` items. */
export function listAt(value: unknown, param: string, most: number): unknown[] {
  if (!Array.isArray(value)) throw fault(param, "Input should be a valid list");
  if (value.length > most) throw fault(param, `List should have at most ${most} items`);
  return value;
}

/** A text; throws when it is missing or something else. */
export function textAt(value: unknown, param: string): string {
  if (value === undefined || value === null) throw fault(param, "Field required");
  if (typeof value !== "string") throw fault(param, "Input should be a valid string");
  return value;
}

/** A text that may not be empty. */
export function nameAt(value: unknown, param: string): string {
  const text = textAt(value, param);
  if (text === "") throw fault(param, "String should have at least 1 character");
  return text;
}

export function optionalText(value: unknown, param: string): string | undefined {
  return value === undefined || value === null ? undefined : textAt(value, param);
}

export function optionalFlag(value: unknown, param: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw fault(param, "Input should be a valid boolean");
  return value;
}

/** A number within `least`..`most`, both included. */
export function optionalNumber(value: unknown, param: string, least: number, most: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) throw fault(param, "Input should be a valid number");
  if (value < least || value > most) throw fault(param, `Input should be between ${least} and ${most}`);
  return value;
}

/** A whole number within `least`..`most`. */
export function optionalCount(value: unknown, param: string, least: number, most: number): number | undefined {
  const number = optionalNumber(value, param, least, most);
  if (number !== undefined && !Number.isInteger(number)) throw fault(param, "Input should be a valid integer");
  return number;
}

export function optionalTexts(value: unknown, param: string, most: number): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  return listAt(value, param, most).map((item, index) => textAt(item, `${param}.${index}`));
}
