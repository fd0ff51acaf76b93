import type { AnswerContext } from "../canonical/codec.ts";
import { packCallSeal } from "../canonical/foreign-seal.ts";
import { objectOf } from "../canonical/fields.ts";
import { urlOfMedia } from "../canonical/media.ts";
import type { HostedResultPart, ImagePart, Part, ReasoningPart, TextPart, ToolCallPart } from "../canonical/parts.ts";
import type { TokenLogprob } from "../canonical/response.ts";
import type { Tool } from "../canonical/request.ts";
import { writeAnnotation } from "./citations.ts";
import { toolsByName } from "./decode-input.ts";
import { writeHostedItem } from "./hosted-items.ts";
import { writeReasoningItem } from "./reasoning.ts";

type Wire = Record<string, unknown>;

/** Makes the items of one answer: their ids come from the request id and their place, so that the same answer gets the same ids with and without a stream. */
export class ItemMaker {
  private readonly seed: string;
  private readonly tools: Map<string, Tool>;

  constructor(context: AnswerContext) {
    this.seed = context.id.replaceAll(/[^A-Za-z0-9]/g, "");
    this.tools = toolsByName(context.request.tools);
  }

  /** The id of the item at that place; `prefix` as OpenAI's: msg, rs, fc, ctc, ig. */
  id(prefix: string, place: number): string {
    return `${prefix}_${this.seed}${place.toString(16).padStart(4, "0")}`;
  }

  message(place: number, content: Wire[], status: string): Wire {
    return { id: this.id("msg", place), type: "message", status, role: "assistant", content };
  }

  reasoning(part: ReasoningPart, place: number): Wire {
    return writeReasoningItem(part, part.id?.startsWith("rs_") ? part.id : this.id("rs", place));
  }

  /** The seal of a tool call (Gemini `thoughtSignature`), as a reasoning item beside the call: the only thing that clients send back unchanged. */
  callSeal(part: ToolCallPart, place: number): Wire {
    return { id: this.id("rs", place), type: "reasoning", summary: [], encrypted_content: packCallSeal(part.id, part.signature ?? "") };
  }

  /** A call; `args` as they are known so far. */
  call(part: ToolCallPart, place: number, args: string, status: string): Wire {
    const tool = this.tools.get(part.name);
    const namespace = tool && "namespace" in tool ? tool.namespace : undefined;
    const name = { name: namespace?.tool ?? part.name, ...(namespace ? { namespace: namespace.name } : {}) };
    return part.custom
      ? { id: this.id("ctc", place), type: "custom_tool_call", status, call_id: part.id, ...name, input: args }
      : { id: this.id("fc", place), type: "function_call", status, call_id: part.id, ...name, arguments: args };
  }

  image(part: ImagePart, place: number): Wire | undefined {
    if (part.source.kind !== "base64") return undefined;
    const { mediaType, data } = part.source;
    return { id: this.id("ig", place), type: "image_generation_call", status: "completed", result: data, output_format: mediaType.replace(/^image\//, "") };
  }
}

/** The finished input of a call: a function's arguments are never empty here. */
export const finishedInput = (part: ToolCallPart, args: string): string => (args === "" && !part.custom ? "{}" : args);

/** A text with its citations and log probabilities (SDK type `ResponseOutputText`). */
export function outputText(part: TextPart, logprobs: readonly TokenLogprob[] = []): Wire {
  const { text, citations = [] } = part;
  return { type: "output_text", text, annotations: citations.map((one) => writeAnnotation(one, text.length)), logprobs: logprobs.map(writeLogprob) };
}

export const refusal = (text: string): Wire => ({ type: "refusal", refusal: text });

export function writeLogprob(one: TokenLogprob): Wire {
  const bytes = (token: string, given: number[] | null | undefined): number[] => given ?? [...Buffer.from(token)];
  return {
    token: one.token,
    bytes: bytes(one.token, one.bytes),
    logprob: one.logprob,
    top_logprobs: (one.top ?? []).map((other) => ({ token: other.token, bytes: bytes(other.token, other.bytes), logprob: other.logprob })),
  };
}

/**
 * What stands in a message for a part that is said there; undefined for parts that are items of their own. Sound is its transcript, pictures and videos that are only
 * addresses are Markdown: answers of this API hold neither.
 */
export function saidAs(part: Part): TextPart | undefined {
  if (part.type === "text") return part;
  if (part.type === "audio") return { type: "text", text: part.transcript ?? "" };
  const url = part.type === "image" || part.type === "video" ? urlOfMedia(part.source) : undefined;
  if (url === undefined) return undefined;
  if (part.type === "video") return { type: "text", text: `[video](${url})` };
  return part.type === "image" && part.source.kind === "url" ? { type: "text", text: `![image](${url})` } : undefined;
}

/** The items of a whole answer, in the order of its parts. */
export function writeItems(parts: readonly Part[], maker: ItemMaker, status: string, logprobs: readonly TokenLogprob[] = []): Wire[] {
  const items: Wire[] = [];
  let content: Wire[] | undefined;
  let left = logprobs;
  const say = (part: Wire): void => {
    if (!content) {
      content = [];
      items.push(maker.message(items.length, content, status));
    }
    content.push(part);
  };
  const put = (item: Wire | undefined): void => {
    if (!item) return;
    content = undefined;
    items.push(item);
  };
  for (const part of parts) {
    const said = saidAs(part);
    if (said) {
      say(outputText(said, left));
      // All of them belong to the answer's text; several texts are rare, and the first one then has them.
      left = [];
    } else if (part.type === "refusal") say(refusal(part.text));
    else if (part.type === "reasoning") put(maker.reasoning(part, items.length));
    else if (part.type === "tool-call") {
      put(maker.call(part, items.length, finishedInput(part, part.arguments), "completed"));
      if (part.signature !== undefined) put(maker.callSeal(part, items.length));
    } else if (part.type === "image") put(maker.image(part, items.length));
    else if (part.type === "hosted-call") put(writeHostedItem(part, resultFor(parts, part.id), "completed"));
    else if (part.type === "hosted-result") put(loneResult(parts, part));
    else if (part.type === "opaque" && part.dialect === "openai-responses") put(objectOf(part.value));
  }
  return items;
}

function resultFor(parts: readonly Part[], callId: string): HostedResultPart | undefined {
  return parts.find((part): part is HostedResultPart => part.type === "hosted-result" && part.callId === callId);
}

/** A result that came without its call (Gemini's grounding tells pages, and not always the search). */
function loneResult(parts: readonly Part[], part: HostedResultPart): Wire | undefined {
  if (parts.some((one) => one.type === "hosted-call" && one.id === part.callId)) return undefined;
  return writeHostedItem(callOf(part), part, "completed");
}

export const callOf = (part: HostedResultPart): Parameters<typeof writeHostedItem>[0] => ({ type: "hosted-call", id: part.callId, tool: part.tool, name: part.tool, input: "{}" });
