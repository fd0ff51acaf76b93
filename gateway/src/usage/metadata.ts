import { GatewayError } from "../errors/gateway-error.ts";

/** What a caller says of a request, for its own log and usage. */
export const METADATA_HEADER = "x-yescale-metadata";
/** Fields of one request: enough for who, where, what; a log is no database. */
const FIELDS_MAX = 5;
const NAME = /^[A-Za-z0-9_.-]{1,40}$/;
const VALUE_LENGTH_MAX = 100;
/** A header beyond this is not even read. */
const TEXT_LENGTH_MAX = 2_000;
// oxlint-disable-next-line no-control-regex -- what Postgres or a terminal would take amiss
const REFUSED = /[\u0000-\u001f\u007f]/;

/** Fields by name, values as text. */
export type Metadata = Readonly<Record<string, string>>;

/** Reads metadata: a JSON object of up to five fields whose values are short texts, numbers or booleans. Throws GatewayError invalidRequest that says what is wrong; `where` is how the caller calls it. */
export function readMetadata(text: string, where = "X-YEScale-Metadata"): Metadata {
  const refuse = (why: string): never => {
    throw new GatewayError("invalidRequest", { publicText: `${where}: ${why}.`, param: where });
  };
  if (text.length > TEXT_LENGTH_MAX) refuse(`has more than ${TEXT_LENGTH_MAX} characters`);
  const value = parsed(asUtf8(text)) ?? refuse("is not valid JSON");
  if (typeof value !== "object" || Array.isArray(value)) return refuse("is no JSON object");
  const fields = Object.entries(value);
  if (fields.length > FIELDS_MAX) refuse(`has ${fields.length} fields; ${FIELDS_MAX} are the most`);
  const metadata: Record<string, string> = {};
  for (const [name, field] of fields) {
    if (!NAME.test(name) || name === "__proto__") refuse(`the field "${name.slice(0, 50)}" must be named by 1 to 40 letters, digits, "_", "." or "-"`);
    if (typeof field !== "string" && typeof field !== "number" && typeof field !== "boolean") refuse(`the value of "${name}" must be a text, a number or a boolean`);
    const value = String(field);
    if (value.length > VALUE_LENGTH_MAX) refuse(`the value of "${name}" has more than ${VALUE_LENGTH_MAX} characters`);
    if (REFUSED.test(value) || !value.isWellFormed()) refuse(`the value of "${name}" has a character that no text can have`);
    metadata[name] = value;
  }
  return metadata;
}

/** JSON null is no object either, so it may stand for what is not JSON. */
function parsed(text: string): object | string | number | boolean | undefined {
  try {
    return (JSON.parse(text) as object | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** A header's bytes come as Latin-1; what is UTF-8 was meant as such. */
function asUtf8(text: string): string {
  // oxlint-disable-next-line no-control-regex -- bytes beyond ASCII
  if (!/[\u0080-\u00ff]/.test(text) || /[^\u0000-\u00ff]/.test(text)) return text;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(text, "latin1"));
  } catch {
    return text;
  }
}
