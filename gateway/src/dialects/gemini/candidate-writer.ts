import type { Citation, HostedCallPart, HostedResultPart, Part, ReasoningPart, ToolCallPart } from "../canonical/parts.ts";
import type { TokenLogprob } from "../canonical/response.ts";
import { CITED_TEXTS_MAX, type StreamPart } from "../canonical/stream.ts";
import { visibleThought, writePart } from "./answer-parts.ts";
import { GroundingWriter } from "./grounding-write.ts";
import { writeLogprobs } from "./logprobs.ts";
import { signatureForClient } from "./seals.ts";
import { TextOffsets } from "./text-offsets.ts";

type Words = Record<string, unknown>;
type PartEvent = Extract<StreamPart, { choice: number; index: number }>;

/** Where a text stands: its part on the wire, and the UTF-16 position at which it begins there. */
interface Place {
  wire: number;
  base: number;
  length: number;
}

/** A part that has begun and not ended. */
interface Open {
  part: Part;
  /** arguments of a call so far: Gemini sends a call whole */
  held: string;
  signature: string;
  /** words of thinking were written */
  said: boolean;
  /** of a text */
  place?: Place;
  /** written when the text has ended: only then is known what an unplaced one covers */
  cited: Citation[];
}

/** Writes one candidate of a stream, piece by piece. Keeps open parts and what is told at the end, never the text itself. */
export class CandidateWriter {
  private readonly shown: boolean;
  private readonly open = new Map<number, Open>();
  private readonly grounding = new GroundingWriter();
  /** pieces of the same kind one after the other are one part to the reader: `partIndex` counts them once */
  private wire = -1;
  private kind: "text" | "thought" | "audio" | "other" | undefined;
  private offsets = new TextOffsets();
  /** texts that have ended */
  private readonly texts = new Map<number, Place & { offsets: TextOffsets }>();
  private readonly cited: { citation: Citation; place: Place & { offsets: TextOffsets } }[] = [];

  constructor(shown: boolean) {
    this.shown = shown;
  }

  /** The members of the candidate for each event that this part gives. */
  push(event: PartEvent): Words[] {
    if (event.type === "part-start") return this.start(event);
    const open = this.open.get(event.index);
    if (!open) return event.type === "citation" ? this.cite(event.index, [event.citation]) : [];
    switch (event.type) {
      case "text-delta":
        return this.delta(open, event.text, event.logprobs);
      case "arguments-delta":
        open.held += event.text;
        return [];
      case "audio-delta": {
        const { data, transcript } = event;
        if (open.part.type !== "audio" || open.part.source.kind !== "base64") return [];
        const source = { ...open.part.source, data: data ?? "" };
        return this.whole(transcript === undefined ? { type: "audio", source } : { type: "audio", source, transcript }, data === undefined && transcript === undefined);
      }
      case "signature-delta":
        open.signature += event.signature;
        return [];
      case "citation":
        open.cited.push(event.citation);
        return [];
      case "part-end":
        this.open.delete(event.index);
        return this.finish(event.index, open, event.part);
      default:
        event satisfies never;
        return [];
    }
  }

  /** What the end of the candidate tells of its sources. */
  members(): Words {
    // Sources found by searches come first, as in a whole answer, however late they were told.
    for (const { citation, place } of this.cited.toSorted((a, b) => a.place.wire - b.place.wire || a.place.base - b.place.base)) this.grounding.cite(citation, place);
    this.cited.length = 0;
    return this.grounding.members();
  }

  private start({ index, part }: Extract<PartEvent, { type: "part-start" }>): Words[] {
    const open: Open = { part, held: "", signature: "", said: false, cited: [] };
    this.open.set(index, open);
    switch (part.type) {
      case "text":
      case "refusal":
      case "reasoning":
        if (part.type === "text") open.cited.push(...(part.citations ?? []));
        return part.text === "" ? [] : this.delta(open, part.text, undefined);
      case "tool-call":
        open.held = part.arguments;
        return [];
      case "hosted-call":
        open.held = part.input;
        return [];
      case "audio":
        return this.whole(part, part.source.kind === "base64" && part.source.data === "" && part.transcript === undefined);
      case "hosted-result":
        return [];
      default:
        return this.whole(part, false);
    }
  }

  private delta(open: Open, text: string, logprobs: TokenLogprob[] | undefined): Words[] {
    const { part } = open;
    if (part.type === "reasoning") {
      if (text === "" || !visibleThought(part, this.shown)) return [];
      this.enter("thought");
      open.said = true;
      return [this.content({ text, thought: true })];
    }
    if ((part.type !== "text" && part.type !== "refusal") || (text === "" && !logprobs)) return [];
    this.enter("text");
    open.place ??= { wire: this.wire, base: this.offsets.units, length: 0 };
    open.place.length += text.length;
    this.offsets.add(text);
    return [{ ...this.content({ text }), ...(logprobs ? { logprobsResult: writeLogprobs(logprobs) } : {}) }];
  }

  /** Citations of a text that has ended. */
  private cite(index: number, citations: Citation[]): Words[] {
    const place = this.texts.get(index);
    if (place) this.cited.push(...citations.map((citation) => ({ citation, place })));
    return [];
  }

  private finish(index: number, open: Open, told: Part | undefined): Words[] {
    const { part } = open;
    switch (part.type) {
      case "text": {
        const cited = open.cited.length === 0 && told?.type === "text" ? (told.citations ?? []) : open.cited;
        if (open.place && this.texts.size < CITED_TEXTS_MAX) this.texts.set(index, { ...open.place, offsets: this.offsets });
        return this.cite(index, cited);
      }
      case "reasoning":
        return this.seal({ ...part, ...(told?.type === "reasoning" ? told : {}), ...(open.signature === "" ? {} : { signature: (part.signature ?? "") + open.signature }) }, open);
      case "tool-call": {
        const end = told?.type === "tool-call" ? told : undefined;
        const call: ToolCallPart = { ...part, ...end, arguments: end?.arguments || open.held };
        if (open.signature !== "") call.signature = open.signature;
        return this.whole(call, false);
      }
      case "hosted-call": {
        const end = told?.type === "hosted-call" ? told : undefined;
        const call: HostedCallPart = { ...part, ...end, input: end?.input || open.held };
        return this.whole(call, this.grounding.call(call));
      }
      case "hosted-result": {
        const result: HostedResultPart = told?.type === "hosted-result" ? told : part;
        return this.whole(result, this.grounding.result(result));
      }
      default:
        return [];
    }
  }

  private seal(part: ReasoningPart, open: Open): Words[] {
    const signature = signatureForClient(part);
    if (signature === undefined) return [];
    if (!open.said) {
      this.enter("other");
      return [this.content({ text: "", thoughtSignature: signature })];
    }
    const written = [this.content({ text: "", thought: true, thoughtSignature: signature })];
    // What comes after a seal is a part of its own.
    this.kind = "other";
    return written;
  }

  private whole(part: Exclude<Part, { type: "text" | "reasoning" | "refusal" }>, elsewhere: boolean): Words[] {
    const wire = elsewhere ? undefined : writePart(part);
    if (!wire) return [];
    // Sounds that follow each other are one part to the reader.
    this.enter(part.type === "audio" ? "audio" : "other");
    return [this.content(wire)];
  }

  private enter(kind: "text" | "thought" | "audio" | "other"): void {
    if (this.kind === kind && kind !== "other") return;
    this.kind = kind;
    this.wire += 1;
    if (kind === "text") this.offsets = new TextOffsets();
  }

  private content(part: Words): Words {
    return { content: { parts: [part], role: "model" } };
  }
}
