import { GatewayError } from "../../errors/gateway-error.ts";
import { objectOf, parseJson } from "./fields.ts";
import { JSON_DEPTH_MAX } from "./json-scan.ts";

/**
 * Whether a parsed value is nested at most so many levels deep, so that it can be walked or written as JSON again: whoever recurses runs out of stack
 * at some ten thousand. Walks level by level, for the same reason.
 */
export function isShallow(value: unknown, levels = JSON_DEPTH_MAX): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels) return false;
    const below: unknown[] = [];
    for (const item of level) if (typeof item === "object" && item !== null) for (const child of Object.values(item)) below.push(child);
    level = below;
  }
  return true;
}

/** Refuses a value nested deeper than JSON_DEPTH_MAX. Throws `nestedTooDeep` naming `param`. */
export function refuseDeep(value: unknown, param: string): void {
  if (isShallow(value)) return;
  throw new GatewayError("nestedTooDeep", { publicText: `"${param}" is nested too deeply: ${JSON_DEPTH_MAX} levels at most.`, param });
}

/** A vendor's object, or an empty one for what is none or nested too deeply to be written again. */
export const shallowObject = (value: unknown): Record<string, unknown> => (isShallow(value) ? objectOf(value) : {});

/** A text no longer than this cannot be nested so deeply that writing it again is a danger; longer ones are rare and looked through. */
const SHALLOW_CHARACTERS = 8_192;

/** An event of a vendor's stream, parsed; undefined for what is no JSON, or nested too deeply to be written again. */
export function parseEvent(data: string): unknown {
  const parsed = parseJson(data);
  return data.length <= SHALLOW_CHARACTERS || isShallow(parsed) ? parsed : undefined;
}
