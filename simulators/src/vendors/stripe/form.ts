/** Stripe's request bodies: forms whose names have brackets, `line_items[0][price_data][currency]=usd`. */
import { asObject, isObject, type JsonObject } from "../../kit/json.ts";

const DEPTH_MAX = 10;

/** Takes a form-encoded body; gives it as an object. Lists are objects with numbers for names. */
export function nested(body: Uint8Array): JsonObject {
  const root: JsonObject = {};
  for (const [name, value] of new URLSearchParams(new TextDecoder().decode(body))) {
    const path = [name.replace(/\[.*$/, ""), ...[...name.matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? "")].slice(0, DEPTH_MAX);
    let at = root;
    for (const step of path.slice(0, -1)) {
      if (!isObject(at[step])) at[step] = {};
      at = asObject(at[step]);
    }
    at[path.at(-1) ?? ""] = value;
  }
  return root;
}

/** Takes a value of a form; gives it as a whole number, NaN when it is none. */
export const whole = (value: unknown): number => (typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : Number.NaN);
