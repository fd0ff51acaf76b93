import type { Part } from "../../canonical/parts.ts";
import type { CanonicalResponse } from "../../canonical/response.ts";
import type { StreamPart } from "../../canonical/stream.ts";

/** An answer as a decoder of any dialect would stream it: texts and arguments in pieces of `size` UTF-16 units. */
export function* streamOf(response: CanonicalResponse, size: number): Generator<StreamPart> {
  yield { type: "start", id: response.id, model: response.model, ...(response.serviceTier === undefined ? {} : { serviceTier: response.serviceTier }) };
  for (const choice of response.choices) {
    let logprobs = choice.logprobs;
    for (const [index, part] of choice.parts.entries()) {
      const place = { choice: choice.index, index };
      yield { type: "part-start", ...place, part: emptied(part) };
      const text = part.type === "text" || part.type === "reasoning" || part.type === "refusal" ? part.text : "";
      for (const piece of pieces(text, size)) {
        yield { type: "text-delta", ...place, text: piece, ...(logprobs && part.type === "text" ? { logprobs } : {}) };
        if (part.type === "text") logprobs = undefined;
      }
      if (part.type === "tool-call") for (const piece of pieces(part.arguments, size)) yield { type: "arguments-delta", ...place, text: piece };
      if (part.type === "hosted-call") for (const piece of pieces(part.input, size)) yield { type: "arguments-delta", ...place, text: piece };
      if (part.type === "reasoning" && part.signature !== undefined) yield { type: "signature-delta", ...place, signature: part.signature };
      if (part.type === "text") for (const citation of part.citations ?? []) yield { type: "citation", ...place, citation };
      yield { type: "part-end", ...place };
    }
    yield { type: "finish", choice: choice.index, reason: choice.finish, ...(choice.finishDetail === undefined ? {} : { detail: choice.finishDetail }) };
  }
  if (response.usage) yield { type: "usage", usage: response.usage };
  yield { type: "end" };
}

function emptied(part: Part): Part {
  switch (part.type) {
    case "text":
      return { type: "text", text: "" };
    case "reasoning": {
      const { signature: _later, ...rest } = part;
      return { ...rest, text: "" };
    }
    case "tool-call":
      return { ...part, arguments: "" };
    case "hosted-call":
      return { ...part, input: "" };
    default:
      return part;
  }
}

function* pieces(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
