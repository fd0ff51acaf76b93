import { objectOf } from "../canonical/fields.ts";
import { JsonEnd } from "../canonical/json-end.ts";
import { madeUpId } from "../canonical/made-up-id.ts";
import { sniffSound } from "../canonical/media-types.ts";
import type { Citation, Part, ReasoningPart } from "../canonical/parts.ts";
import type { TokenLogprob } from "../canonical/response.ts";
import { CITED_TEXTS_MAX, type StreamPart } from "../canonical/stream.ts";
import { type ContentPlace, placeCitation, readAnnotations } from "./annotations.ts";
import { argumentsText, CALLS_MAX } from "./decode-answer.ts";
import { readFinish } from "./finish.ts";
import { imageOfUrl, markdownOf, readImages } from "./images.ts";
import { readLogprobs } from "./logprobs.ts";
import { continues, mergeDetail, readDetails, type ReasoningDetail } from "./reasoning-details.ts";
import { defined, listIn, numberIn, textIn } from "../canonical/wire-fields.ts";

type Json = Record<string, unknown>;

interface OpenCall {
  /** undefined until the name is known, for without it no part can start */
  part: number | undefined;
  id: string;
  name: string;
  custom: boolean;
  signature: string | undefined;
  /** arguments that came before the name */
  waiting: string;
  any: boolean;
  /** whether the arguments are whole: such a call ends when another begins, so that encoders which write one after the other need not wait */
  json: JsonEnd;
  closed: boolean;
}

/** The one part that is open beside tool calls. `sealed`: a reasoning part out of `reasoning_details`, kept whole while it is open for its seal comes last. */
interface OpenPart {
  type: "text" | "reasoning" | "refusal" | "audio";
  index: number;
  sealed?: { part: ReasoningPart; index: number | undefined };
}

/** Reads the deltas of one choice. Keeps the open parts, and counts. */
export class ChoiceStream {
  finished = false;
  private next = 0;
  private open: OpenPart | undefined;
  private readonly calls = new Map<number, OpenCall>();
  private callCount = 0;
  private sawCall = false;
  private sawRefusal = false;
  /** sources beside the choices (Perplexity), given with the first text that ends */
  private sources: Citation[] = [];
  private sourcesTold = false;
  /** letters of `content` so far, and where its texts stand in it */
  private length = 0;
  private readonly texts: (ContentPlace & { index: number })[] = [];

  constructor(
    private readonly choice: number,
    private readonly answer: string,
    private readonly out: StreamPart[],
  ) {}

  /** One entry of a chunk's `choices`; what it says goes to `out`. */
  push(wire: Json, sources: Citation[]): void {
    if (this.finished) return;
    if (sources.length > 0) this.sources = sources;
    // Some vendors give the whole `message` in a chunk in place of a delta.
    const delta = objectOf(wire["delta"] ?? wire["message"]);
    const logprobs = objectOf(wire["logprobs"]);
    this.reasoning(delta);
    this.content(delta, readLogprobs(logprobs["content"]));
    const refusal = textIn(delta["refusal"]);
    if (refusal) {
      this.sawRefusal = true;
      this.text("refusal", refusal, readLogprobs(logprobs["refusal"]));
    }
    this.audio(objectOf(delta["audio"]));
    for (const citation of readAnnotations(delta["annotations"])) this.cite(citation);
    for (const call of listIn(delta["tool_calls"]).slice(0, CALLS_MAX)) this.call(objectOf(call));
    const legacy = objectOf(delta["function_call"]);
    if (Object.keys(legacy).length > 0) this.call({ index: 0, function: legacy });
    const word = textIn(wire["finish_reason"]);
    if (word) this.finish(word, textIn(wire["stop_reason"]));
  }

  /** Ends the choice: closes what is open, tells how it ended. */
  finish(word: string, stopSequence?: string): void {
    if (this.finished) return;
    this.closePart();
    this.closeCalls();
    this.finished = true;
    const { finish, detail } = readFinish(word, { calls: this.sawCall, refusal: this.sawRefusal });
    const met = finish === "stop" ? stopSequence : undefined;
    this.out.push(defined<StreamPart & { type: "finish" }>({ type: "finish", choice: this.choice, reason: met === undefined ? finish : "stop-sequence", detail, stopSequence: met }));
  }

  private start(part: Part): number {
    const index = this.next++;
    this.out.push({ type: "part-start", choice: this.choice, index, part });
    return index;
  }

  private text(type: "text" | "reasoning" | "refusal", text: string, logprobs: TokenLogprob[]): void {
    if (this.open?.type !== type || this.open.sealed) {
      this.closePart();
      this.closeCalls();
      this.open = { type, index: this.start({ type, text: "" }) };
      if (type === "text" && this.texts.length < CITED_TEXTS_MAX) this.texts.push({ index: this.open.index, from: this.length, length: 0 });
    }
    if (type === "text") {
      const last = this.texts.at(-1);
      if (last?.index === this.open.index) last.length += text.length;
      this.length += text.length;
    }
    this.out.push({ type: "text-delta", choice: this.choice, index: this.open.index, text, ...(logprobs.length > 0 ? { logprobs } : {}) });
  }

  private reasoning(delta: Json): void {
    const details = readDetails(delta["reasoning_details"]);
    const plain = textIn(delta["reasoning_content"]) || textIn(delta["reasoning"]) || "";
    if (plain && !details.some((entry) => entry.text)) this.text("reasoning", plain, []);
    for (const entry of details) this.detail(entry);
  }

  private detail(entry: ReasoningDetail): void {
    let sealed = this.open?.sealed;
    if (!this.open || !sealed || !continues(sealed.part, sealed.index, entry)) {
      this.closePart();
      this.closeCalls();
      const head: ReasoningPart = { type: "reasoning", text: "", ...(entry.sealedBy === undefined ? {} : { sealedBy: entry.sealedBy }), ...(entry.summary ? { summary: true } : {}), ...(entry.id ? { id: entry.id } : {}) };
      sealed = { part: { ...head }, index: entry.index };
      this.open = { type: "reasoning", index: this.start(head), sealed };
    }
    const { index } = this.open;
    mergeDetail(sealed.part, entry);
    if (entry.text) this.out.push({ type: "text-delta", choice: this.choice, index, text: entry.text });
    if (entry.signature) this.out.push({ type: "signature-delta", choice: this.choice, index, signature: entry.signature });
  }

  private content(delta: Json, logprobs: TokenLogprob[]): void {
    const { content } = delta;
    const urls = readImages(delta["images"]);
    // Our own streams show an image in `content` as well, in the same chunk.
    if (typeof content === "string" && content && content !== urls.map(markdownOf).join("")) this.text("text", content, logprobs);
    else if (this.open?.type === "text" && logprobs.length > 0) this.text("text", "", logprobs);
    for (const item of listIn(content)) {
      const part = objectOf(item);
      const thought = part["type"] === "thinking" ? (textIn(part["thinking"]) ?? listIn(part["thinking"]).map((piece) => textIn(objectOf(piece)["text"]) ?? "").join("")) : "";
      if (thought) this.text("reasoning", thought, []);
      else if (textIn(part["text"])) this.text("text", textIn(part["text"]) ?? "", []);
    }
    for (const url of urls) {
      this.length += typeof content === "string" ? markdownOf(url).length : 0;
      this.closePart();
      this.closeCalls();
      this.end(this.start(imageOfUrl(url)));
    }
  }

  private audio(audio: Json): void {
    const [id, data, transcript, expiresAt] = [textIn(audio["id"]), textIn(audio["data"]), textIn(audio["transcript"]), numberIn(audio["expires_at"])];
    if (!id && !data && !transcript && expiresAt === undefined) return;
    if (this.open?.type !== "audio") {
      this.closePart();
      this.closeCalls();
      this.open = { type: "audio", index: this.start({ type: "audio", source: { kind: "base64", mediaType: sniffSound(data ?? ""), data: "" }, ...(id ? { id } : {}) }) };
    }
    this.out.push(defined<StreamPart & { type: "audio-delta" }>({ type: "audio-delta", choice: this.choice, index: this.open.index, data: data || undefined, transcript: transcript || undefined, id: id || undefined, expiresAt }));
  }

  private cite(citation: Citation): void {
    const placed = placeCitation(citation, this.texts);
    if (placed) this.out.push({ type: "citation", choice: this.choice, index: this.texts[placed.text]?.index ?? 0, citation: placed.citation });
    this.sourcesTold = true;
  }

  /** The call that a delta speaks of. Vendors that send every call under index 0, or none, tell a new one by another id together with a name. */
  private callOf(wire: Json): OpenCall | undefined {
    const id = textIn(wire["id"]);
    const name = textIn(objectOf(wire["function"])["name"]) ?? textIn(objectOf(wire["custom"])["name"]);
    const key = numberIn(wire["index"]) ?? this.keyWithoutIndex(id, name);
    const known = this.calls.get(key);
    if (known && !(id && name && known.name && known.id !== id)) return known;
    if (this.callCount >= CALLS_MAX) return undefined;
    if (known) this.closeCall(known);
    const call: OpenCall = { part: undefined, id: id || madeUpId("call", `${this.choice}_${this.callCount}`, this.answer), name: "", custom: false, signature: undefined, waiting: "", any: false, json: new JsonEnd(), closed: false };
    this.callCount += 1;
    for (const other of this.calls.values()) this.closeWhole(other);
    this.calls.delete(key);
    this.calls.set(key, call);
    return call;
  }

  private keyWithoutIndex(id: string | undefined, name: string | undefined): number {
    const keys = [...this.calls.keys()];
    const same = keys.find((key) => this.calls.get(key)?.id === id);
    if (same !== undefined) return same;
    return id || name || keys.length === 0 ? this.callCount : (keys.at(-1) ?? 0);
  }

  private call(wire: Json): void {
    const call = this.callOf(wire);
    if (!call) return;
    const custom = objectOf(wire["custom"]);
    const isCustom = Object.keys(custom).length > 0;
    const inner = isCustom ? custom : objectOf(wire["function"]);
    const text = argumentsText(inner[isCustom ? "input" : "arguments"]);
    if (call.part === undefined) {
      call.custom ||= isCustom;
      call.name = textIn(inner["name"]) || call.name;
      call.signature ??= textIn(objectOf(objectOf(wire["extra_content"])["google"])["thought_signature"]) || undefined;
      call.waiting += text;
      if (!call.name) return;
      this.closePart();
      this.sawCall = true;
      call.part = this.start(defined<Part & { type: "tool-call" }>({ type: "tool-call", id: call.id, name: call.name, arguments: "", custom: call.custom || undefined, signature: call.signature }));
      this.argue(call, call.waiting);
      call.waiting = "";
    } else this.argue(call, text);
  }

  private argue(call: OpenCall, text: string): void {
    if (!text || call.part === undefined || call.closed) return;
    call.any = true;
    call.json.push(text);
    this.out.push({ type: "arguments-delta", choice: this.choice, index: call.part, text });
    if (this.calls.size > 1 && [...this.calls.values()].at(-1) !== call) this.closeWhole(call);
  }

  private closeWhole(call: OpenCall): void {
    if (!call.custom && call.json.complete) this.closeCall(call);
  }

  private closeCall(call: OpenCall): void {
    if (call.part === undefined || call.closed) return;
    // A tool without parameters: its arguments are still JSON text of an object.
    if (!call.any && !call.custom) this.out.push({ type: "arguments-delta", choice: this.choice, index: call.part, text: "{}" });
    call.closed = true;
    this.end(call.part);
  }

  private closeCalls(): void {
    for (const call of this.calls.values()) this.closeCall(call);
    this.calls.clear();
  }

  private closePart(): void {
    if (!this.open) return;
    const { index, type, sealed } = this.open;
    if (type === "text" && !this.sourcesTold) {
      for (const citation of this.sources) this.out.push({ type: "citation", choice: this.choice, index, citation });
      this.sourcesTold = this.sources.length > 0;
    }
    this.open = undefined;
    if (sealed?.part.encrypted === undefined) return this.end(index);
    this.out.push({ type: "part-end", choice: this.choice, index, part: sealed.part });
  }

  private end(index: number): void {
    this.out.push({ type: "part-end", choice: this.choice, index });
  }
}
