import { objectOf } from "../canonical/fields.ts";
import type { Citation } from "../canonical/parts.ts";

/** Annotations of an `output_text` (SDK: `url_citation`, `file_citation`, `container_file_citation`, `file_path`). Unknown ones are passed over. */
export function readAnnotations(annotations: unknown): Citation[] {
  return Array.isArray(annotations) ? annotations.flatMap((one) => readAnnotation(one) ?? []) : [];
}

export function readAnnotation(value: unknown): Citation | undefined {
  const one = objectOf(value);
  const number = (name: string): number | undefined => (typeof one[name] === "number" ? one[name] : undefined);
  const string = (name: string): string | undefined => (typeof one[name] === "string" ? one[name] : undefined);
  const span = { ...some("start", number("start_index")), ...some("end", number("end_index")) };
  const url = string("url");
  if (one["type"] === "url_citation" && url !== undefined) return { url, ...some("title", string("title")), ...span };
  if (one["type"] === "file_citation" || one["type"] === "container_file_citation" || one["type"] === "file_path")
    // The vendor's file ids mean nothing elsewhere, but go back to it unchanged.
    return { ...span, document: { index: number("index") ?? 0, ...some("title", string("filename")), location: one } };
  return undefined;
}

/** A citation as an annotation. `length`: of the text it belongs to, for citations without a position. */
export function writeAnnotation(citation: Citation, length: number): Record<string, unknown> {
  const { url, title, start, end, document } = citation;
  if (url !== undefined) return { type: "url_citation", start_index: start ?? 0, end_index: end ?? length, url, title: title ?? "" };
  const location = objectOf(document?.location);
  if (["file_citation", "container_file_citation", "file_path"].some((type) => type === location["type"])) return location;
  // A quotation from one of the request's own documents: the place in the answer, and the document's name.
  return { type: "file_citation", file_id: `document_${document?.index ?? 0}`, filename: document?.title ?? title ?? "", index: end ?? length };
}

function some<K extends string, V>(name: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [name]: value } as Record<K, V>);
}
