import { GatewayError } from "../../errors/gateway-error.ts";
import { parseJson } from "./fields.ts";
import { JSON_DEPTH_MAX } from "./json-scan.ts";

/** Parts (objects, lists and values) of one schema, or of a tool with it; the largest seen in the field, of generated OpenAPI tools, have some thousands. */
export const SCHEMA_NODES_MAX = 50_000;

/**
 * Whether a parsed value is nested at most so many levels deep, so that it can be walked or written as JSON again: whoever recurses runs out of stack
 * at some ten thousand.
 */
export const isShallow = (value: unknown, levels = JSON_DEPTH_MAX): boolean => extentOf(value, levels, Infinity) === "within";

/** How far a value goes: below so many levels and within `most` objects, lists and values, or not. Walks level by level, since whoever recurses runs out of stack. */
function extentOf(value: unknown, levels: number, most: number): "within" | "deep" | "large" {
  let level: object[] = isBranch(value) ? [value] : [];
  let nodes = 1;
  for (let depth = 0; level.length > 0; depth += 1) {
    const below: object[] = [];
    for (const item of level) {
      if (depth === levels && holdsAny(item)) return "deep";
      // No lists of children are made: a body of 10 MB may hold millions of empty lists.
      if (Array.isArray(item)) {
        nodes += item.length;
        if (nodes > most) return "large";
        for (const child of item as unknown[]) if (isBranch(child)) below.push(child);
      } else
        for (const name in item) {
          nodes += 1;
          if (nodes > most) return "large";
          const child = (item as Record<string, unknown>)[name];
          if (isBranch(child)) below.push(child);
        }
    }
    level = below;
  }
  return "within";
}

const isBranch = (value: unknown): value is object => typeof value === "object" && value !== null;

const holdsAny = (item: object): boolean => {
  for (const _ in item) return true;
  return false;
};

/**
 * Refuses a schema (or a tool with its schema) that is nested deeper than JSON_DEPTH_MAX or has more than SCHEMA_NODES_MAX parts: schemas are rewritten for other vendors piece
 * by piece. All else of a request is left to the scan of its bytes (JsonScan), which has bounded the depth already. Throws `nestedTooDeep` or `invalidRequest` naming `param`.
 */
export function refuseSchema(value: unknown, param: string): void {
  const extent = extentOf(value, JSON_DEPTH_MAX, SCHEMA_NODES_MAX);
  if (extent === "deep") throw new GatewayError("nestedTooDeep", { publicText: `"${param}" is nested too deeply: ${JSON_DEPTH_MAX} levels at most.`, param });
  if (extent === "large") throw new GatewayError("invalidRequest", { publicText: `"${param}" is too large: a schema may have ${SCHEMA_NODES_MAX} parts at most.`, param });
}

/** A text no longer than this cannot be nested so deeply that writing it again is a danger; longer ones are rare and looked through. */
const SHALLOW_CHARACTERS = 8_192;

/** JSON of a vendor's (an answer, an event of a stream) or within a text (the arguments of a call), parsed; undefined for what is no JSON, or nested too deeply to be written again. */
export function parseShallow(data: string): unknown {
  const parsed = parseJson(data);
  return data.length <= SHALLOW_CHARACTERS || isShallow(parsed) ? parsed : undefined;
}
