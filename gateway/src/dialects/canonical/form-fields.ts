import { GatewayError } from "../../errors/gateway-error.ts";
import type { PreparedRequest } from "./dialect.ts";
import type { FormScan } from "./form-scan.ts";
import { applyEdits } from "./json-scan.ts";

/** Longest model name anybody uses, with room to spare. */
const MODEL_LENGTH_MAX = 200;

const refused = (publicText: string, param: string): GatewayError => new GatewayError("invalidRequest", { publicText, param });

/** The text of a field; undefined when it is missing or empty. A field given twice is refused: we would read one and the vendor might read the other. */
export function formText(form: FormScan, name: string): string | undefined {
  if (form.count(name) > 1) throw refused(`"${name}" is given twice.`, name);
  const value = form.value(name);
  return value === "" ? undefined : value;
}

/** The model a form names. Throws missingModel or invalidRequest. */
export function formModel(form: FormScan): string {
  const model = formText(form, "model");
  if (model === undefined) throw new GatewayError("missingModel", { param: "model" });
  if (model.length > MODEL_LENGTH_MAX) throw new GatewayError("modelNotFound", { param: "model" });
  return model;
}

/** A field that is true or false, in the spellings that Python's and JavaScript's clients and OpenAI's server know; missing is false. */
export function formFlag(form: FormScan, name: string): boolean {
  const value = formText(form, name)?.toLowerCase();
  if (value === undefined || value === "false" || value === "0") return false;
  if (value === "true" || value === "1") return true;
  throw refused(`"${name}" must be true or false.`, name);
}

/** A field that is a whole number of at least 1. */
export function formCount(form: FormScan, name: string): number | undefined {
  const value = formText(form, name);
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,5}$/.test(value)) throw refused(`"${name}" must be a whole number of at least 1.`, name);
  return Number(value);
}

/** A form with the vendor's model name in place of the caller's, or put in where the caller named none; every other byte as it was. */
export function formForModel(form: FormScan, upstreamModel: string): PreparedRequest {
  const part = form.parts.findLast((one) => one.name === "model");
  if (!part) {
    const text = `${form.border}\r\nContent-Disposition: form-data; name="model"\r\n\r\n${upstreamModel}\r\n`;
    return { body: applyEdits(form.bytes, [{ start: form.firstBorder, end: form.firstBorder, text }]), hideUsage: false };
  }
  const edits = form.value("model") === upstreamModel ? [] : [{ start: part.start, end: part.end, text: upstreamModel }];
  return { body: applyEdits(form.bytes, edits), hideUsage: false };
}
