import { objectOf } from "../canonical/fields.ts";
import type { Part, ReasoningPart } from "../canonical/parts.ts";
import type { TokenLogprob } from "../canonical/response.ts";
import { CITED_TEXTS_MAX, type StreamPart } from "../canonical/stream.ts";
import { AnswerIds, type Piece, readPieces } from "./answer-piece.ts";
import { finishPart, readFinish } from "./finish.ts";
import { readGrounding, type TextTrack } from "./grounding-read.ts";
import { readLogprobs } from "./logprobs.ts";
import { TextOffsets } from "./text-offsets.ts";

type Words = Record<string, unknown>;

/** Members of `groundingMetadata` that grow or come again while a stream runs. */
const GROUNDING_LISTS = ["groundingChunks", "groundingSupports", "webSearchQueries"];

interface Open {
  type: "text" | "reasoning" | "audio";
  index: number;
  mediaType?: string;
}

/** One candidate of a stream: which part is open, and what only the end tells. Neighbouring pieces of the same kind are one part. */
export class CandidateStream {
  private readonly choice: number;
  private readonly ids = new AnswerIds();
  private open: Open | undefined;
  private next = 0;
  /** parts on the wire so far, pieces of one part counted once: what `partIndex` counts */
  private wire = 0;
  private called = false;
  private finish: unknown;
  /** a seal behind the open text: told once the text has ended, so that citations still reach it */
  private seal: Extract<Piece, { kind: "seal" }> | undefined;
  private readonly grounding: Words = {};
  private urlContext: unknown;
  private recited: unknown;
  private readonly texts: { index: number; track: TextTrack }[] = [];

  constructor(choice: number) {
    this.choice = choice;
  }

  push(candidate: Words, responseId: string): StreamPart[] {
    if (responseId !== "") this.ids.responseId = responseId;
    const out: StreamPart[] = [];
    const logprobs = readLogprobs(candidate["logprobsResult"]);
    let told = logprobs === undefined;
    const parts = objectOf(candidate["content"])["parts"];
    for (const value of Array.isArray(parts) ? parts : [])
      for (const piece of readPieces(value, this.ids)) {
        this.piece(piece, told ? undefined : logprobs, out);
        if (piece.kind === "text") told = true;
      }
    if (logprobs && !told && this.open?.type === "text") out.push({ type: "text-delta", choice: this.choice, index: this.open.index, text: "", logprobs });
    if (typeof candidate["finishReason"] === "string" && candidate["finishReason"] !== "FINISH_REASON_UNSPECIFIED") this.finish = candidate["finishReason"];
    const grounding = objectOf(candidate["groundingMetadata"]);
    // A later event may repeat the lists or leave them out: the longest is the whole.
    for (const name of GROUNDING_LISTS) if (lengthOf(grounding[name]) > lengthOf(this.grounding[name])) this.grounding[name] = grounding[name];
    if (candidate["urlContextMetadata"] !== undefined) this.urlContext = candidate["urlContextMetadata"];
    if (candidate["citationMetadata"] !== undefined) this.recited = candidate["citationMetadata"];
    return out;
  }

  /** The end of the stream: closes what is open and tells the finish, if there was one. */
  close(): { parts: StreamPart[]; searches: number } {
    if (this.finish === undefined) return { parts: [], searches: 0 };
    const out: StreamPart[] = [];
    const said = { groundingMetadata: this.grounding, urlContextMetadata: this.urlContext, citationMetadata: this.recited };
    const { citations, hosted, searches } = readGrounding(said, this.texts.map((text) => text.track), this.ids);
    for (const { track, citation } of citations) {
      const cited = this.texts[track];
      if (cited) out.push({ type: "citation", choice: this.choice, index: cited.index, citation });
    }
    this.end(out);
    for (const part of hosted) this.whole(part, out);
    out.push(finishPart(this.choice, readFinish(this.finish, this.called)));
    return { parts: out, searches };
  }

  private piece(piece: Piece, logprobs: TokenLogprob[] | undefined, out: StreamPart[]): void {
    switch (piece.kind) {
      case "text":
        this.text(piece.text, logprobs, out);
        return;
      case "thought":
        this.thought(piece.part, out);
        return;
      case "seal":
        if (this.open?.type === "text" && !this.seal) this.seal = piece;
        else {
          this.end(out);
          if (piece.alone) this.wire += 1;
          this.whole(piece.part, out);
        }
        return;
      case "audio":
        this.audio(piece, out);
        return;
      default:
        this.end(out);
        this.wire += 1;
        if (piece.part.type === "tool-call") this.called = true;
        this.whole(piece.part, out);
    }
  }

  private text(text: string, logprobs: TokenLogprob[] | undefined, out: StreamPart[]): void {
    if (this.open?.type !== "text" || this.seal) this.begin("text", { type: "text", text: "" }, out);
    const index = this.open?.index ?? 0;
    const last = this.texts.at(-1);
    if (last?.index === index) last.track.offsets.add(text);
    out.push({ type: "text-delta", choice: this.choice, index, text, ...(logprobs ? { logprobs } : {}) });
  }

  private thought(part: ReasoningPart, out: StreamPart[]): void {
    const { text, signature, sealedBy } = part;
    if (sealedBy !== "gemini") {
      // Another vendor's seal (see seals.ts) stands by itself: the part it belongs to has begun as Gemini's.
      if (text !== "") this.thought({ type: "reasoning", text, sealedBy: "gemini" }, out);
      this.end(out);
      this.whole({ ...part, text: "" }, out);
      return;
    }
    if (this.open?.type !== "reasoning") this.begin("reasoning", { type: "reasoning", text: "", sealedBy }, out);
    const index = this.open?.index ?? 0;
    if (text !== "") out.push({ type: "text-delta", choice: this.choice, index, text });
    if (signature === undefined) return;
    out.push({ type: "signature-delta", choice: this.choice, index, signature });
    // A seal ends the thinking that it seals.
    this.end(out);
  }

  private audio(piece: Extract<Piece, { kind: "audio" }>, out: StreamPart[]): void {
    const same = this.open?.type === "audio" && (piece.mediaType === "" || piece.mediaType === this.open.mediaType);
    if (!same) {
      this.begin("audio", { type: "audio", source: { kind: "base64", mediaType: piece.mediaType, data: "" } }, out);
      if (this.open) this.open.mediaType = piece.mediaType;
    }
    const index = this.open?.index ?? 0;
    const { data, transcript } = piece;
    out.push({ type: "audio-delta", choice: this.choice, index, ...(data === "" ? {} : { data }), ...(transcript === undefined ? {} : { transcript }) });
  }

  private begin(type: Open["type"], part: Part, out: StreamPart[]): void {
    this.end(out);
    this.open = { type, index: this.next };
    this.next += 1;
    if (type === "text" && this.texts.length < CITED_TEXTS_MAX) this.texts.push({ index: this.open.index, track: { wire: this.wire, offsets: new TextOffsets() } });
    this.wire += 1;
    out.push({ type: "part-start", choice: this.choice, index: this.open.index, part });
  }

  private end(out: StreamPart[]): void {
    if (this.open) out.push({ type: "part-end", choice: this.choice, index: this.open.index });
    this.open = undefined;
    const { seal } = this;
    this.seal = undefined;
    if (seal) {
      if (seal.alone) this.wire += 1;
      this.whole(seal.part, out);
    }
  }

  /** A part that comes at once. Arguments and code still go as a delta, seals as theirs: that is where readers look for them. */
  private whole(part: Part, out: StreamPart[]): void {
    const place = { choice: this.choice, index: this.next };
    this.next += 1;
    if (part.type === "tool-call") {
      out.push({ type: "part-start", ...place, part: { ...part, arguments: "" } });
      out.push({ type: "arguments-delta", ...place, text: part.arguments });
    } else if (part.type === "hosted-call") {
      out.push({ type: "part-start", ...place, part: { ...part, input: "" } });
      out.push({ type: "arguments-delta", ...place, text: part.input });
    } else if (part.type === "reasoning" && part.signature !== undefined) {
      const { signature, ...rest } = part;
      out.push({ type: "part-start", ...place, part: rest });
      out.push({ type: "signature-delta", ...place, signature });
    } else out.push({ type: "part-start", ...place, part });
    out.push({ type: "part-end", ...place });
  }
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);
