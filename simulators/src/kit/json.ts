/** Readers for JSON of unknown shape: a simulator must answer anything a client can send. */

/** A JSON object whose fields are not known yet. */
export type JsonObject = Record<string, unknown>;

/** Takes any value; tells whether it is a JSON object (neither list nor null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Takes any value; gives it as an object, an empty one when it is none. */
export const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** Takes any value; gives it as a list, an empty one when it is none. */
export const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Takes any value; gives it as text, "" when it is none. */
export const asText = (value: unknown): string => (typeof value === "string" ? value : "");

/** Takes any value; gives it as a finite number, `undefined` when it is none. */
export const asNumber = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

/** Takes text; gives the parsed JSON, `undefined` when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Takes a string or a list of strings, as `stop` may be; gives the non-empty strings. */
export function textList(value: unknown): string[] {
  const list = typeof value === "string" ? [value] : asList(value);
  return list.filter((entry): entry is string => typeof entry === "string" && entry !== "");
}

/** Takes a part of a path; gives it decoded, unchanged when it is wrongly coded. */
export function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
