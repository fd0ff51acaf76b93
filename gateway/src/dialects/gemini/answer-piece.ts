import { standardBase64 } from "../canonical/base64.ts";
import { objectOf, textOf } from "../canonical/fields.ts";
import type { HostedCallPart, HostedResultPart, OpaquePart, ReasoningPart, ToolCallPart } from "../canonical/parts.ts";
import { answerTag, madeUpId } from "../canonical/made-up-id.ts";
import { readCode, readCodeResult } from "./hosted.ts";
import { type MediaPart, mediaPart } from "./media.ts";
import { realSignature, reasoningOf } from "./seals.ts";

type Words = Record<string, unknown>;

/** One part of an answer, taken apart: a part of Gemini's can carry a seal beside its content. */
export type Piece =
  | { kind: "text"; text: string }
  | { kind: "thought"; part: ReasoningPart }
  /** a seal on something that is no thinking: thinking without words, behind it; `alone`: in a part of its own on the wire */
  | { kind: "seal"; part: ReasoningPart; alone: boolean }
  | { kind: "audio"; mediaType: string; data: string; transcript?: string }
  | { kind: "whole"; part: ToolCallPart | MediaPart | HostedCallPart | HostedResultPart | OpaquePart };

/** Ids for the calls of one answer: the vendor's own, or made from the response id. */
export class AnswerIds {
  /** the vendor's response id; may become known while a stream runs */
  responseId = "";
  private readonly taken = new Set<string>();
  private calls = 0;
  private codes = 0;
  private hosted = 0;
  lastCode: string | undefined;

  call(name: string, args: string, given: unknown): string {
    const id = this.free(typeof given === "string" && given !== "" ? given : madeUpId("call", `${this.calls}_${name}`, answerTag(this.responseId, name + args)));
    this.calls += 1;
    return id;
  }

  code(given: unknown, code: string): string {
    const made = madeUpId("code", `${this.codes}_code_execution`, answerTag(this.responseId, code));
    this.codes += 1;
    return (this.lastCode = this.free(typeof given === "string" && given !== "" ? given : made));
  }

  search(kind: "search" | "fetch", text: string): string {
    const id = madeUpId(kind, `${this.hosted}_${kind}`, answerTag(this.responseId, text));
    this.hosted += 1;
    return this.free(id);
  }

  private free(id: string): string {
    let own = id;
    while (this.taken.has(own)) own += "_";
    this.taken.add(own);
    return own;
  }
}

/** Reads one part of an answer. Lenient: what is broken is passed over, what is unknown stays opaque. */
export function readPieces(value: unknown, ids: AnswerIds): Piece[] {
  const part = objectOf(value);
  const signature = realSignature(typeof part["thoughtSignature"] === "string" ? part["thoughtSignature"] : undefined);
  if (typeof part["text"] === "string" || (part["text"] === undefined && Object.keys(part).every((name) => name === "thoughtSignature" || name === "thought"))) {
    const text = textOf(part["text"], "");
    if (part["thought"] === true) return text === "" && signature === undefined ? [] : [{ kind: "thought", part: reasoningOf(text, signature) }];
    const pieces: Piece[] = text === "" ? [] : [{ kind: "text", text }];
    return signature === undefined ? pieces : [...pieces, { kind: "seal", part: reasoningOf("", signature), alone: text === "" }];
  }
  const call = objectOf(part["functionCall"]);
  if (typeof call["name"] === "string" && call["name"] !== "") {
    const args = jsonOf(call["args"]);
    const found: ToolCallPart = { type: "tool-call", id: ids.call(call["name"], args, call["id"]), name: call["name"], arguments: args };
    return [{ kind: "whole", part: signature === undefined ? found : { ...found, signature } }];
  }
  const piece = readData(part, ids);
  if (!piece) return [];
  return signature === undefined ? [piece] : [piece, { kind: "seal", part: reasoningOf("", signature), alone: false }];
}

function readData(part: Words, ids: AnswerIds): Piece | undefined {
  const [inline, file] = [objectOf(part["inlineData"]), objectOf(part["fileData"])];
  const [data, mediaType] = [inline["data"], textOf(inline["mimeType"], "application/octet-stream")];
  const transcript = textOf(objectOf(part["audioTranscription"])["text"], "");
  if ((typeof data === "string" && mediaType.startsWith("audio/")) || transcript !== "") {
    const sound = { kind: "audio" as const, mediaType: typeof data === "string" ? mediaType : "", data: typeof data === "string" ? standardBase64(data) : "" };
    return transcript === "" ? sound : { ...sound, transcript };
  }
  if (typeof data === "string") return { kind: "whole", part: mediaPart(mediaType, { kind: "base64", mediaType, data: standardBase64(data) }) };
  if (typeof file["fileUri"] === "string") {
    const type = typeof file["mimeType"] === "string" ? file["mimeType"] : undefined;
    return { kind: "whole", part: mediaPart(type, { kind: "url", url: file["fileUri"], ...(type === undefined ? {} : { mediaType: type }) }) };
  }
  if (part["executableCode"] !== undefined) {
    const code = objectOf(part["executableCode"]);
    return { kind: "whole", part: readCode(code, ids.code(code["id"], textOf(code["code"], ""))) };
  }
  if (part["codeExecutionResult"] !== undefined) {
    const result = objectOf(part["codeExecutionResult"]);
    const callId = typeof result["id"] === "string" && result["id"] !== "" ? result["id"] : (ids.lastCode ?? ids.code(undefined, ""));
    return { kind: "whole", part: readCodeResult(result, callId) };
  }
  // A call without a name or a piece of one (streamed arguments, which only Vertex AI sends when asked) is nothing that another dialect could use.
  const [name] = Object.keys(part).filter((member) => member !== "functionCall" && member !== "thought" && member !== "thoughtSignature");
  return name === undefined ? undefined : { kind: "whole", part: { type: "opaque", dialect: "gemini", name, value: part } };
}

/** Arguments as JSON text; what is no object or nested beyond what can be written is an empty object. */
function jsonOf(args: unknown): string {
  try {
    return JSON.stringify(objectOf(args));
  } catch {
    return "{}";
  }
}
