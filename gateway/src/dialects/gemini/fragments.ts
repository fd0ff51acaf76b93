import type { Part, ReasoningPart } from "../canonical/parts.ts";

const isUnsealed = (part: Part | undefined): part is ReasoningPart => part?.type === "reasoning" && part.signature === undefined && part.encrypted === undefined;

/**
 * Adds a part of the model's to those before it, in place. `fragment`: it begins a new content behind one of the same turn, as clients keep streams: pieces of a text or of
 * thinking are one again. Another vendor's seal without words takes over the thinking before it, which it seals.
 */
export function addPart(parts: Part[], part: Part, fragment: boolean): void {
  // A stream's keep-alive, as a client kept it: Anthropic refuses empty texts.
  const [first] = parts;
  if (fragment && parts.length === 1 && first?.type === "text" && first.text === "") parts.pop();
  const last = parts.at(-1);
  if (part.type === "reasoning" && part.text === "" && part.sealedBy !== "gemini" && isUnsealed(last)) {
    let text = "";
    for (let before = parts.at(-1); isUnsealed(before); before = parts.at(-1)) {
      text = before.text + text;
      parts.pop();
    }
    parts.push({ ...part, text });
  } else if (fragment && part.type === "text" && (part.text === "" || last?.type === "text")) {
    if (last?.type === "text") last.text += part.text;
  } else if (fragment && part.type === "reasoning" && part.sealedBy === "gemini" && isUnsealed(last)) {
    last.text += part.text;
    if (part.signature !== undefined) last.signature = part.signature;
  } else parts.push(part);
}
