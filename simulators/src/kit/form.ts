/** Multipart bodies, read by Bun's own parser, so that what a gateway passes on is judged by code that is not the gateway's. */
import type { Form } from "./vendor.ts";

/** Takes a request's headers and body; gives its fields and files, `undefined` when it is no multipart body or a broken one. */
export async function formOf(headers: Headers, body: Uint8Array): Promise<Form | undefined> {
  const type = headers.get("content-type") ?? "";
  if (!type.startsWith("multipart/form-data")) return undefined;
  const parsed = await new Response(body, { headers: { "content-type": type } }).formData().catch(() => undefined);
  if (!parsed) return undefined;
  const form: Form = { texts: new Map(), files: [] };
  for (const [name, value] of parsed.entries()) {
    if (typeof value === "string") form.texts.set(name, [...(form.texts.get(name) ?? []), value]);
    else form.files.push({ name, filename: value.name, type: value.type, bytes: await value.bytes() });
  }
  return form;
}

/** Takes a form and a field's name; gives its last text, "" without one. */
export const fieldOf = (form: Form, name: string): string => form.texts.get(name)?.at(-1) ?? "";

/** Takes a form and a list field's name; gives its texts, written as `name` or `name[]`. */
export const fieldsOf = (form: Form, name: string): string[] => [...(form.texts.get(name) ?? []), ...(form.texts.get(`${name}[]`) ?? [])];
