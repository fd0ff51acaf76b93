import { JSON_DEPTH_MAX } from "./json-scan.ts";

/**
 * Whether a parsed value is nested at most JSON_DEPTH_MAX deep, so that it can be written as JSON again: a writer that recurses runs out of stack
 * at some ten thousand. Walks level by level, for the same reason.
 */
export function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > JSON_DEPTH_MAX) return false;
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
  return true;
}
