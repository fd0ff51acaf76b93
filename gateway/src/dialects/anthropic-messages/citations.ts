import { objectOf } from "../canonical/fields.ts";
import type { Citation } from "../canonical/parts.ts";

/** Members of a location in a document that are kept as they are (SDK: CitationCharLocation, PageLocation, ContentBlockLocation, SearchResultLocation). */
const LOCATION = ["type", "start_char_index", "end_char_index", "start_page_number", "end_page_number", "start_block_index", "end_block_index"];

const textOr = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** One citation of a text block; undefined for what is none. */
export function readCitation(value: unknown): Citation | undefined {
  const wire = objectOf(value);
  const type = textOr(wire["type"]);
  if (type === undefined) return undefined;
  const citation: Citation = {};
  const cited = textOr(wire["cited_text"]);
  if (cited !== undefined) citation.citedText = cited;
  if (type === "web_search_result_location") {
    const [url, title, encrypted] = [textOr(wire["url"]), textOr(wire["title"]), textOr(wire["encrypted_index"])];
    if (url !== undefined) citation.url = url;
    if (title !== undefined) citation.title = title;
    if (encrypted !== undefined) citation.encrypted = encrypted;
    return citation;
  }
  const index = wire[type === "search_result_location" ? "search_result_index" : "document_index"];
  if (typeof index !== "number") return undefined;
  const location: Record<string, unknown> = {};
  for (const name of LOCATION) if (wire[name] !== undefined) location[name] = wire[name];
  const title = textOr(type === "search_result_location" ? wire["title"] : wire["document_title"]);
  citation.document = title === undefined ? { index, location } : { index, title, location };
  const source = textOr(wire["source"]);
  if (source !== undefined) citation.url = source;
  return citation;
}

/** All citations of a text block; undefined when it has none. */
export function readCitations(value: unknown): Citation[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const found = value.map(readCitation).filter((citation) => citation !== undefined);
  return found.length > 0 ? found : undefined;
}

/** A citation for a caller. Positions in the answer have no place: Anthropic's citations belong to the whole block. */
export function writeCitation(citation: Citation): Record<string, unknown> {
  const { document } = citation;
  const cited = citation.citedText ?? "";
  if (document) {
    const location = objectOf(document.location);
    if (location["type"] === "search_result_location")
      return { cited_text: cited, search_result_index: document.index, source: citation.url ?? "", title: document.title ?? null, ...location };
    const place = typeof location["type"] === "string" ? location : { type: "char_location", start_char_index: 0, end_char_index: 0 };
    return { cited_text: cited, document_index: document.index, document_title: document.title ?? null, file_id: null, ...place };
  }
  return {
    type: "web_search_result_location",
    cited_text: cited,
    encrypted_index: citation.encrypted ?? "",
    title: citation.title ?? null,
    url: citation.url ?? "",
  };
}

/** A citation as part of the history, or undefined when Anthropic would refuse it because it is not its own. */
export function replayCitation(citation: Citation): Record<string, unknown> | undefined {
  const own = citation.encrypted !== undefined || typeof objectOf(citation.document?.location)["type"] === "string";
  if (!own) return undefined;
  const { file_id: _answersOnly, ...wire } = writeCitation(citation);
  return wire;
}
