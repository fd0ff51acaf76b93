import type { Citation, HostedCallPart, HostedResultPart } from "../canonical/parts.ts";
import { textsOfInput } from "./hosted.ts";
import type { TextOffsets } from "./text-offsets.ts";

type Words = Record<string, unknown>;

interface Support {
  segment: Words;
  groundingChunkIndices: number[];
}

/** Gathers what an answer says of its sources and writes it as a candidate's `groundingMetadata` and `urlContextMetadata` (SDK types of these names). */
export class GroundingWriter {
  private readonly chunks: Words[] = [];
  private readonly chunkOf = new Map<string, number>();
  private readonly supports = new Map<string, Support>();
  private readonly queries: string[] = [];
  private readonly fetched: Words[] = [];

  /** A call of one of the vendor's tools; true when it is one that is told here and not as a part. */
  call(part: HostedCallPart): boolean {
    if (part.tool === "web-search") this.queries.push(...textsOfInput(part));
    return part.tool !== "code-execution";
  }

  result(part: HostedResultPart): boolean {
    if (part.tool === "web-search") for (const source of part.sources ?? []) this.chunk(source.url, source.title, undefined);
    if (part.tool === "url-context" || part.tool === "web-fetch")
      for (const { url } of part.sources ?? []) this.fetched.push({ retrievedUrl: url, urlRetrievalStatus: statusOf(part) });
    return part.tool !== "code-execution";
  }

  /**
   * A citation of a text part. `base`: UTF-16 position at which the cited text begins in the part on the wire; `length`: its length so far. Without positions of its own
   * a citation is of the whole text. `text`: the part's text, where it is at hand.
   */
  cite(citation: Citation, place: { wire: number; offsets: TextOffsets; base: number; length: number; text?: string }): void {
    const index = this.chunk(citation.url, citation.title ?? citation.document?.title, citation.citedText);
    if (index === undefined) return;
    const [start, end] = [place.base + (citation.start ?? 0), place.base + (citation.end ?? place.length)];
    const [startIndex, endIndex] = [place.offsets.byteOf(start), place.offsets.byteOf(end)];
    const key = `${place.wire}:${start}:${end}`;
    const known = this.supports.get(key);
    if (known) {
      if (!known.groundingChunkIndices.includes(index)) known.groundingChunkIndices.push(index);
      return;
    }
    const segment: Words = startIndex === undefined || endIndex === undefined ? {} : { startIndex, endIndex };
    if (place.wire > 0) segment["partIndex"] = place.wire;
    if (place.text !== undefined) segment["text"] = place.text.slice(start, end);
    this.supports.set(key, { segment, groundingChunkIndices: [index] });
  }

  /** The two members for the candidate, as far as there is something to tell. */
  members(): Words {
    const grounding: Words = {};
    if (this.chunks.length > 0) grounding["groundingChunks"] = this.chunks;
    if (this.supports.size > 0) grounding["groundingSupports"] = [...this.supports.values()];
    if (this.queries.length > 0) grounding["webSearchQueries"] = this.queries;
    return {
      ...(Object.keys(grounding).length > 0 ? { groundingMetadata: grounding } : {}),
      ...(this.fetched.length > 0 ? { urlContextMetadata: { urlMetadata: this.fetched } } : {}),
    };
  }

  private chunk(url: string | undefined, title: string | undefined, cited: string | undefined): number | undefined {
    if (url === undefined && title === undefined) return undefined;
    const key = url ?? `\n${title}\n${cited}`;
    const known = this.chunkOf.get(key);
    if (known !== undefined) return known;
    const named = title === undefined ? {} : { title };
    // A document of the caller's has no address: it was given, not found.
    this.chunks.push(url === undefined ? { retrievedContext: { ...named, ...(cited === undefined ? {} : { text: cited }) } } : { web: { uri: url, ...named } });
    this.chunkOf.set(key, this.chunks.length - 1);
    return this.chunks.length - 1;
  }
}

function statusOf(part: HostedResultPart): string {
  if (!part.isError) return "URL_RETRIEVAL_STATUS_SUCCESS";
  return part.errorCode?.startsWith("URL_RETRIEVAL_STATUS_") ? part.errorCode : "URL_RETRIEVAL_STATUS_ERROR";
}
