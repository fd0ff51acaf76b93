import { objectOf, parseJson } from "../../../dialects/canonical/fields.ts";
import type { JsonObject, VendorAnswer } from "./adapter.ts";

/** The JSON object of an answer; undefined when its body is none (an error page, nothing at all). */
export function jsonOf({ body }: Pick<VendorAnswer, "body">): JsonObject | undefined {
  const parsed = parseJson(body.toString("utf8"));
  return parsed === undefined || parsed === null || typeof parsed !== "object" || Array.isArray(parsed) ? undefined : objectOf(parsed);
}

/** A member as text; "" when it is none. */
export const textIn = (fields: JsonObject, name: string): string => (typeof fields[name] === "string" ? fields[name] : "");

/** A member as a list of objects; what is no object is left out. */
export const objectsIn = (fields: JsonObject, name: string): JsonObject[] => {
  const list = fields[name];
  return Array.isArray(list) ? list.filter((one) => typeof one === "object" && one !== null).map((one) => objectOf(one)) : [];
};

/** A member as a finite number. */
export const numberIn = (fields: JsonObject, name: string): number | undefined => (typeof fields[name] === "number" && Number.isFinite(fields[name]) ? fields[name] : undefined);
