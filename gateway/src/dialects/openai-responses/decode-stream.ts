import { parseShallow } from "../canonical/depth.ts";
import { objectOf } from "../canonical/fields.ts";
import type { Part, ReasoningPart } from "../canonical/parts.ts";
import type { StreamDecoder, StreamPart, WireEvent } from "../canonical/stream.ts";
import { readAnnotation } from "./citations.ts";
import { readCall, readItem, readItems, readLogprobs } from "./decode-answer.ts";
import { failureOf } from "./failure.ts";
import { type Held, readFinish } from "./finish.ts";
import { readReasoningItem, SUMMARY_GAP } from "./reasoning.ts";
import { paidCalls, paidMembers } from "./paid-tools.ts";
import { readResponsesUsage } from "./usage.ts";

type Wire = Record<string, unknown>;

/** A part that is being streamed. */
interface Open {
  index: number;
  /** something of it came by deltas, so that what repeats it whole is not said again */
  told: boolean;
  citations: number;
  type: Part["type"];
}

/** An item between its `added` and its `done`. */
interface OpenItem {
  /** by `content_index`; a call or reasoning item has one part, under 0 */
  parts: Map<number, Open>;
  /** parts that have ended: what repeats them is not said again */
  closed: Set<number>;
  /** place of the reasoning text now written, to put a gap between two */
  section: string | undefined;
}

/** Events whose loss loses nothing: they only tell that something goes on. Deltas and ends are never among them. */
const HARMLESS = /^$|keepalive|\.(created|queued|in_progress|searching|generating|interpreting|added)$/;
/** Items open at once, at most: a stream that opens more is broken, and its oldest are forgotten. */
const OPEN_ITEMS_MAX = 1_024;

/** Thinking that begins: whose the seal will be is known, whether there is one tells its end. */
const thinking = (summary: boolean | undefined): ReasoningPart => ({ type: "reasoning", text: "", ...(summary ? { summary } : {}), sealedBy: "openai-responses" });

export class ResponsesStreamDecoder implements StreamDecoder {
  private out: StreamPart[] = [];
  private started = false;
  private id = "";
  private ended = false;
  private nextIndex = 0;
  /** members of finished items that may be paid beside the tokens */
  private readonly paid: Wire[] = [];
  private items = 0;
  private sequence = 0;
  private readonly held: Held = { text: false, calls: false, refusal: false };
  private readonly open = new Map<number, OpenItem>();

  push(event: WireEvent): StreamPart[] {
    if (this.ended || event.data === "" || event.data.startsWith("[DONE]")) return [];
    this.out = [];
    const data = parseShallow(event.data);
    if (typeof data !== "object" || data === null) this.broken(event.event ?? "");
    else this.event(objectOf(data), event.event ?? "");
    return this.out;
  }

  /** The end is an event of this dialect: after it nothing is open, and without it the answer was not complete. */
  flush(): StreamPart[] {
    return [];
  }

  /** A piece of the answer that cannot be read is lost, and an answer with a hole must not pass for whole: that alone ends the stream. */
  private broken(name: string): void {
    if (name !== "" && HARMLESS.test(name)) return;
    this.fail({ message: "an event of the stream is no JSON, or nested too deeply", code: "bad_upstream_response" });
  }

  private event(data: Wire, name: string): void {
    const type = typeof data["type"] === "string" ? data["type"] : name;
    const sequence = typeof data["sequence_number"] === "number" ? data["sequence_number"] : 0;
    // The same event again (a proxy's repetition). Servers that do not count send 0.
    if (sequence > 0 && sequence === this.sequence) return;
    this.sequence = sequence;
    const place = typeof data["output_index"] === "number" ? data["output_index"] : 0;
    switch (type) {
      case "response.created":
      case "response.queued":
      case "response.in_progress":
        return this.start(objectOf(data["response"]));
      case "keepalive":
        this.out.push({ type: "ping" });
        return;
      case "response.output_item.added":
        return this.added(objectOf(data["item"]), place);
      case "response.output_item.done":
        return this.done(objectOf(data["item"]), place);
      case "response.completed":
      case "response.incomplete":
        return this.end(objectOf(data["response"]));
      case "response.failed":
        return this.fail(failureOf(objectOf(data["response"])["error"]));
      case "error":
        return this.fail(failureOf(data));
      default:
        return this.piece(type, data, place);
    }
  }

  /** Deltas, and the events that close a part. */
  private piece(type: string, data: Wire, place: number): void {
    const section = typeof data["content_index"] === "number" ? data["content_index"] : 0;
    const delta = typeof data["delta"] === "string" ? data["delta"] : "";
    switch (type) {
      case "response.content_part.added": {
        const kind = objectOf(data["part"])["type"];
        if (kind === "output_text") this.part(place, section, { type: "text", text: "" });
        else if (kind === "refusal") this.part(place, section, { type: "refusal", text: "" });
        return;
      }
      case "response.output_text.delta": {
        const logprobs = readLogprobs(data["logprobs"]);
        return this.delta(this.part(place, section, { type: "text", text: "" }), delta, logprobs.length > 0 ? { logprobs } : {});
      }
      case "response.refusal.delta":
        return this.delta(this.part(place, section, { type: "refusal", text: "" }), delta, {});
      case "response.output_text.annotation.added":
        return this.cite(this.part(place, section, { type: "text", text: "" }), data["annotation"]);
      case "response.content_part.done":
        return this.closeContent(place, section, objectOf(data["part"]));
      case "response.reasoning_text.delta":
        return this.think(place, `text ${section}`, delta, false);
      case "response.reasoning_summary_text.delta":
        return this.think(place, `summary ${typeof data["summary_index"] === "number" ? data["summary_index"] : 0}`, delta, true);
      case "response.function_call_arguments.delta":
      case "response.custom_tool_call_input.delta":
        return this.argue(place, delta);
      default:
        // `.done` events repeat what came; progress of hosted tools is told by their items.
        return;
    }
  }

  private start(response: Wire): void {
    if (this.started) return;
    this.started = true;
    const { id, model, created_at: created, service_tier: tier } = response;
    this.id = typeof id === "string" ? id : "";
    this.out.push({
      type: "start",
      id: this.id,
      model: typeof model === "string" ? model : "",
      ...(typeof created === "number" ? { created } : {}),
      ...(typeof tier === "string" ? { serviceTier: tier } : {}),
    });
  }

  private item(place: number): OpenItem {
    let item = this.open.get(place);
    if (!item) {
      const [oldest] = this.open.keys();
      if (this.open.size >= OPEN_ITEMS_MAX && oldest !== undefined) this.close(oldest);
      item = { parts: new Map(), closed: new Set(), section: undefined };
      this.open.set(place, item);
      this.items += 1;
    }
    return item;
  }

  private added(item: Wire, place: number): void {
    this.close(place);
    const open = this.item(place);
    if (item["type"] === "function_call" || item["type"] === "custom_tool_call") this.begin(open, 0, { ...readCall(item, place, this.id), arguments: "" });
  }

  private begin(item: OpenItem, section: number, part: Part): Open {
    this.start({});
    const open = { index: this.nextIndex, told: false, citations: 0, type: part.type };
    this.nextIndex += 1;
    item.parts.set(section, open);
    if (part.type === "tool-call") this.held.calls = true;
    if (part.type === "refusal") this.held.refusal = true;
    this.out.push({ type: "part-start", choice: 0, index: open.index, part });
    return open;
  }

  /** The open part at that place; begun now when it was never announced. Undefined when it is closed already. */
  private part(place: number, section: number, part: Part): Open | undefined {
    const item = this.item(place);
    if (item.closed.has(section)) return undefined;
    return item.parts.get(section) ?? this.begin(item, section, part);
  }

  private delta(open: Open | undefined, text: string, more: { logprobs?: ReturnType<typeof readLogprobs> }): void {
    if (!open || (text === "" && more.logprobs === undefined)) return;
    open.told = true;
    if (open.type === "text") this.held.text = true;
    this.out.push({ type: "text-delta", choice: 0, index: open.index, text, ...more });
  }

  private cite(open: Open | undefined, value: unknown): void {
    if (!open) return;
    open.citations += 1;
    const citation = readAnnotation(value);
    if (citation) this.out.push({ type: "citation", choice: 0, index: open.index, citation });
  }

  private think(place: number, section: string, text: string, summary: boolean): void {
    if (text === "") return;
    const item = this.item(place);
    const open = item.parts.get(0) ?? this.begin(item, 0, thinking(summary));
    const gap = item.section !== undefined && item.section !== section ? SUMMARY_GAP : "";
    item.section = section;
    open.told = true;
    this.out.push({ type: "text-delta", choice: 0, index: open.index, text: gap + text });
  }

  private argue(place: number, text: string): void {
    const item = this.item(place);
    const open = item.parts.get(0) ?? this.begin(item, 0, readCall({}, place, this.id));
    if (text === "") return;
    open.told = true;
    this.out.push({ type: "arguments-delta", choice: 0, index: open.index, text });
  }

  private closeContent(place: number, section: number, part: Wire): void {
    const item = this.open.get(place);
    if (item?.closed.has(section)) return;
    const refusal = part["type"] === "refusal";
    if (!refusal && part["type"] !== "output_text") return;
    const text = refusal ? part["refusal"] : part["text"];
    const open = this.part(place, section, { type: refusal ? "refusal" : "text", text: "" });
    if (!open) return;
    if (!open.told && typeof text === "string") {
      const logprobs = readLogprobs(part["logprobs"]);
      this.delta(open, text, logprobs.length > 0 ? { logprobs } : {});
    }
    if (Array.isArray(part["annotations"])) for (const annotation of part["annotations"].slice(open.citations)) this.cite(open, annotation);
    this.endPart(place, section, open);
  }

  private endPart(place: number, section: number, open: Open, part?: Part): void {
    const item = this.open.get(place);
    item?.parts.delete(section);
    item?.closed.add(section);
    this.out.push({ type: "part-end", choice: 0, index: open.index, ...(part ? { part } : {}) });
  }

  private done(item: Wire, place: number): void {
    const { type } = item;
    const open = this.item(place);
    if (type === "message") {
      if (Array.isArray(item["content"])) for (const [section, part] of item["content"].entries()) this.closeContent(place, section, objectOf(part));
    } else if (type === "function_call" || type === "custom_tool_call") this.callDone(item, place, open);
    else if (type === "reasoning") this.reasoningDone(item, place, open);
    else {
      this.paid.push(paidMembers(item));
      for (const part of readItem(item, place, this.id)) this.whole(part);
    }
    this.close(place);
  }

  private callDone(item: Wire, place: number, open: OpenItem): void {
    const call = readCall(item, place, this.id);
    const part = open.parts.get(0) ?? this.begin(open, 0, { ...call, arguments: "" });
    if (!part.told && call.arguments !== "") this.out.push({ type: "arguments-delta", choice: 0, index: part.index, text: call.arguments });
    this.endPart(place, 0, part);
  }

  private reasoningDone(item: Wire, place: number, open: OpenItem): void {
    const { part } = readReasoningItem(item);
    const begun = open.parts.get(0);
    if (!part) return;
    const thought = begun ?? this.begin(open, 0, thinking(part.summary));
    if (!thought.told && part.text !== "") this.out.push({ type: "text-delta", choice: 0, index: thought.index, text: part.text });
    this.endPart(place, 0, thought, part);
  }

  /** A part that comes in one piece. */
  private whole(part: Part): void {
    const item: OpenItem = { parts: new Map(), closed: new Set(), section: undefined };
    if (part.type === "tool-call") {
      const open = this.begin(item, 0, { ...part, arguments: "" });
      if (part.arguments !== "") this.out.push({ type: "arguments-delta", choice: 0, index: open.index, text: part.arguments });
      this.out.push({ type: "part-end", choice: 0, index: open.index });
      return;
    }
    if (part.type !== "text" && part.type !== "refusal" && part.type !== "reasoning") {
      this.out.push({ type: "part-end", choice: 0, index: this.begin(item, 0, part).index });
      return;
    }
    const open = this.begin(item, 0, part.type === "reasoning" ? thinking(part.summary) : { type: part.type, text: "" });
    this.delta(open, part.text, {});
    if (part.type === "text") for (const citation of part.citations ?? []) this.out.push({ type: "citation", choice: 0, index: open.index, citation });
    this.out.push({ type: "part-end", choice: 0, index: open.index, ...(part.type === "reasoning" ? { part } : {}) });
  }

  /** Ends what is still open of an item. */
  private close(place: number): void {
    const item = this.open.get(place);
    if (!item) return;
    for (const [section, open] of item.parts) this.endPart(place, section, open);
    this.open.delete(place);
  }

  private end(response: Wire): void {
    this.start(response);
    for (const place of this.open.keys()) this.close(place);
    const output = Array.isArray(response["output"]) ? response["output"].map(objectOf) : [];
    // Some servers stream nothing but the end.
    if (this.items === 0) for (const part of readItems(output, this.id)) this.whole(part);
    const { finish, finishDetail } = readFinish(response, this.held);
    this.out.push({ type: "finish", choice: 0, reason: finish, ...(finishDetail === undefined ? {} : { detail: finishDetail }) });
    const report = readResponsesUsage(response["usage"], paidCalls(output.length > 0 ? output : this.paid, response["tools"]));
    if (report) this.out.push({ type: "usage", ...report });
    this.out.push({ type: "end" });
    this.ended = true;
  }

  private fail(error: { message: string; code?: string }): void {
    this.out.push({ type: "error", ...error });
    this.ended = true;
  }
}
