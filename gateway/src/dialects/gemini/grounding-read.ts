import { objectOf } from "../canonical/fields.ts";
import type { Citation, HostedCallPart, HostedResultPart } from "../canonical/parts.ts";
import type { AnswerIds } from "./answer-piece.ts";
import type { TextOffsets } from "./text-offsets.ts";

type Words = Record<string, unknown>;

/** Sources, supports and queries that one answer is read for: beyond is no answer but an attack. */
const ENTRIES_MAX = 10_000;

/** A text part of an answer: its place among the parts on the wire and its positions. */
export interface TextTrack {
  wire: number;
  offsets: TextOffsets;
}

export interface Grounding {
  /** `track`: position in the list of texts given */
  citations: { track: number; citation: Citation }[];
  /** searches and fetches that Google ran, each call with its result */
  hosted: (HostedCallPart | HostedResultPart)[];
  /** how many searches were run */
  searches: number;
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value.slice(0, ENTRIES_MAX) : []);
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const position = (value: unknown): number | undefined => (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined);

/**
 * Citations, searches and fetches out of a candidate's `groundingMetadata`, `urlContextMetadata` and `citationMetadata` (SDK types of these names).
 * Segments count UTF-8 bytes of the part that they name.
 */
export function readGrounding(candidate: Words, tracks: TextTrack[], ids: AnswerIds): Grounding {
  const grounding = objectOf(candidate["groundingMetadata"]);
  const chunks = listOf(grounding["groundingChunks"]).map(objectOf);
  const queries = listOf(grounding["webSearchQueries"]).map(text).filter((query) => query !== undefined);
  const citations = [...supported(grounding, chunks, tracks), ...recited(candidate, tracks)];
  const hosted: Grounding["hosted"] = [];
  // Google does not say which query found what: all sources stand with the first.
  let sources = chunks.map((chunk) => sourceOf(objectOf(chunk["web"]))).filter((source) => source !== undefined);
  for (const query of queries) {
    const id = ids.search("search", query);
    hosted.push({ type: "hosted-call", id, tool: "web-search", name: "google_search", input: JSON.stringify({ query }) });
    hosted.push({ type: "hosted-result", callId: id, tool: "web-search", sources });
    sources = [];
  }
  for (const entry of listOf(objectOf(candidate["urlContextMetadata"])["urlMetadata"]).map(objectOf)) {
    const url = text(entry["retrievedUrl"]);
    if (url === undefined) continue;
    const id = ids.search("fetch", url);
    const status = text(entry["urlRetrievalStatus"]) ?? "URL_RETRIEVAL_STATUS_SUCCESS";
    hosted.push({ type: "hosted-call", id, tool: "url-context", name: "url_context", input: JSON.stringify({ url }) });
    const result: HostedResultPart = { type: "hosted-result", callId: id, tool: "url-context", sources: [{ url }] };
    hosted.push(status === "URL_RETRIEVAL_STATUS_SUCCESS" ? result : { ...result, isError: true, errorCode: status });
  }
  return { citations, hosted, searches: queries.length };
}

type Source = NonNullable<HostedResultPart["sources"]>[number];

function sourceOf(web: Words): Source | undefined {
  const [url, title] = [text(web["uri"]), text(web["title"])];
  if (url === undefined) return undefined;
  return title === undefined ? { url } : { url, title };
}

/** The part a segment is in. Google leaves `partIndex` out for the first, and where thinking came first it counts from the first text. */
function trackOf(segment: Words, tracks: TextTrack[]): number {
  const index = position(segment["partIndex"]) ?? 0;
  const found = tracks.findIndex((track) => track.wire === index);
  return found < 0 ? 0 : found;
}

function placed(citation: Citation, segment: Words, { offsets }: TextTrack): Citation {
  const end = position(segment["endIndex"]);
  if (end === undefined) return citation;
  const [from, to] = [offsets.unitOf(position(segment["startIndex"]) ?? 0), offsets.unitOf(end)];
  return from === undefined || to === undefined || to < from ? citation : { ...citation, start: from, end: to };
}

function supported(grounding: Words, chunks: Words[], tracks: TextTrack[]): Grounding["citations"] {
  const found: Grounding["citations"] = [];
  for (const support of listOf(grounding["groundingSupports"]).map(objectOf)) {
    const segment = objectOf(support["segment"]);
    const track = trackOf(segment, tracks);
    const place = tracks[track];
    for (const index of listOf(support["groundingChunkIndices"])) {
      const source = typeof index === "number" ? citationOf(chunks[index]) : undefined;
      if (source && place && found.length < ENTRIES_MAX) found.push({ track, citation: placed(source, segment, place) });
    }
  }
  return found;
}

function citationOf(chunk: Words | undefined): Citation | undefined {
  const kind = ["web", "retrievedContext", "maps", "image"].find((name) => chunk?.[name] !== undefined);
  if (!chunk || kind === undefined) return undefined;
  const source = objectOf(chunk[kind]);
  const [url, title, cited] = [text(source["uri"] ?? source["sourceUri"]), text(source["title"]), kind === "web" ? undefined : text(source["text"])];
  if (url === undefined && title === undefined) return undefined;
  return { ...(url === undefined ? {} : { url }), ...(title === undefined ? {} : { title }), ...(cited === undefined ? {} : { citedText: cited }) };
}

/** `citationMetadata`: the model repeats a known text at length. */
function recited(candidate: Words, tracks: TextTrack[]): Grounding["citations"] {
  const [first] = tracks;
  const metadata = objectOf(candidate["citationMetadata"]);
  if (!first) return [];
  return listOf(metadata["citations"] ?? metadata["citationSources"])
    .map(objectOf)
    .flatMap((entry) => {
      const [url, title] = [text(entry["uri"]), text(entry["title"])];
      if (url === undefined) return [];
      return [{ track: 0, citation: placed(title === undefined ? { url } : { url, title }, entry, first) }];
    });
}
