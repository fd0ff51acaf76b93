import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import type { FormPart, JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { pictureTypeOf } from "../../vendors/_kit/pictures.ts";
import type { MediaCall } from "./family.ts";
import { wrong } from "./inputs.ts";
import { table } from "../../table.ts";

/** Members that are objects or lists where they come as JSON; a form has them as texts. */
const AS_JSON = new Set(["metadata"]);

/** What a request says, the same for JSON and for a form: files are `data:` URIs, `name[]` and repeated names are lists, `name[inner]` are members of an object (as OpenAI's SDKs write them). Throws GatewayError. */
export function fieldsOf({ form, json }: Pick<MediaCall, "form" | "json">): JsonObject {
  if (!form) return json;
  const fields: JsonObject = table({});
  for (const part of form) {
    const [, outer = part.name, inner] = /^([\w-]+)\[(\w*)\]$/.exec(part.name) ?? [];
    const value = valueOf(part, outer);
    if (inner === undefined) fields[outer] = Object.hasOwn(fields, outer) ? [...listOf(fields[outer]), value] : value;
    else if (inner === "") fields[outer] = [...(Object.hasOwn(fields, outer) ? listOf(fields[outer]) : []), value];
    else fields[outer] = { ...objectOf(fields[outer]), [inner]: value };
  }
  return fields;
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

function valueOf(part: FormPart, name: string): unknown {
  if ("bytes" in part) return uriOf(part, name);
  if (!AS_JSON.has(name)) return part.value;
  const parsed = parseJson(part.value);
  if (typeof parsed !== "object" || parsed === null) throw wrong(name, "must be a JSON object.");
  return parsed;
}

/** What a file is, its first bytes say; the caller's word for it may be wrong. */
function uriOf({ bytes }: Extract<FormPart, { bytes: Buffer }>, name: string): string {
  const base64 = bytes.toString("base64");
  const type = pictureTypeOf(base64);
  if (!type.startsWith("image/")) throw wrong(name, "is no picture.");
  return `data:${type};base64,${base64}`;
}
