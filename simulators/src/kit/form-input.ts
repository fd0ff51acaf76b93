/** A form's fields as JSON would have them, by what a vendor documents of each. */
import { fieldsOf } from "./form.ts";
import type { Fields, Rule } from "./fields.ts";
import { parseJson, type JsonObject } from "./json.ts";
import type { Form } from "./vendor.ts";

/** Takes a field's text; gives its value: of another kind than the rule's it stays text, which the check then names. */
function valueOf(rule: Rule, text: string): unknown {
  if (rule.is === "integer" || rule.is === "number") return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  if (rule.is === "flag") return text === "true" ? true : text === "false" ? false : text;
  if (rule.is === "object") return parseJson(text) ?? text;
  return text;
}

/** Takes a form and the fields; gives the input. Files are their bytes, lists are written as `name` or `name[]`; members that no field names are left out. */
export function formInput(form: Form, fields: Fields): JsonObject {
  const input: JsonObject = {};
  for (const [name, rule] of Object.entries(fields)) {
    const item = rule.is === "list" ? rule.of : rule;
    const files = form.files.filter((file) => file.name === name || file.name === `${name}[]`).map((file) => file.bytes);
    const texts = fieldsOf(form, name).filter((text) => text !== "");
    const values: unknown[] = [...files, ...texts.map((text) => valueOf(item, text))];
    if (values.length > 0) input[name] = rule.is === "list" ? values : values.at(-1);
  }
  return input;
}

/** Takes a form-encoded body and the fields; gives the input likewise. */
export function encodedInput(body: Uint8Array, fields: Fields): JsonObject {
  const texts = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(new TextDecoder().decode(body))) texts.set(name, [...(texts.get(name) ?? []), value]);
  return formInput({ texts, files: [] }, fields);
}
