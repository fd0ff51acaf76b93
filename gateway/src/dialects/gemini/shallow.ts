import { objectOf } from "../canonical/fields.ts";
import { refuseDeep } from "../canonical/json-depth.ts";

/** A vendor's object, or an empty one for what is none or nested so deep that writing it again would exhaust the stack. */
export function shallowObject(value: unknown): Record<string, unknown> {
  try {
    refuseDeep(value, "answer");
    return objectOf(value);
  } catch {
    return {};
  }
}
