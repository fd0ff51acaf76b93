import type { AnswerContext } from "../canonical/codec.ts";
import type { Part } from "../canonical/parts.ts";
import type { CanonicalResponse, Choice } from "../canonical/response.ts";
import { showsThoughts, writePart, writeThought } from "./answer-parts.ts";
import { writeBlock, writeFinish } from "./finish.ts";
import { GroundingWriter } from "./grounding-write.ts";
import { writeLogprobs } from "./logprobs.ts";
import { TextOffsets } from "./text-offsets.ts";
import { writeGeminiUsage } from "./usage-metadata.ts";

type Words = Record<string, unknown>;

/** A whole answer (SDK type GenerateContentResponse). */
export function encodeResponse(response: CanonicalResponse, context: AnswerContext): Words {
  const [only] = response.choices;
  const blocked = response.choices.length === 1 && only && isBlock(only);
  return {
    ...(blocked
      ? { promptFeedback: { blockReason: writeBlock(only.finishDetail) } }
      : { candidates: response.choices.map((choice) => encodeChoice(choice, showsThoughts(context.request))) }),
    ...(response.usage ? { usageMetadata: writeGeminiUsage(response.usage, response.serviceTier) } : {}),
    modelVersion: context.model,
    responseId: responseIdOf(response.id, context),
  };
}

/** The vendor's id, or one made from the request's. */
export const responseIdOf = (id: string, context: AnswerContext): string => (id === "" ? context.id.replaceAll("-", "") : id);

/** Nothing was said because of a content filter: Gemini tells this of the prompt. */
const isBlock = (choice: Choice): boolean => choice.parts.length === 0 && choice.finish === "content-filter";

/** Parts of a finishing answer without any: clients expect a part in every content. */
export const NO_PARTS: Words[] = [{ text: "" }];

function encodeChoice(choice: Choice, shown: boolean): Words {
  const grounding = new GroundingWriter();
  const parts = encodeParts(choice.parts, shown, grounding);
  return {
    content: { parts: parts.length > 0 ? parts : NO_PARTS, role: "model" },
    finishReason: writeFinish(choice.finish, choice.finishDetail),
    index: choice.index,
    ...grounding.members(),
    ...(choice.logprobs ? { logprobsResult: writeLogprobs(choice.logprobs) } : {}),
  };
}

/** Parts in their order. Neighbouring texts become one part, as they do in a stream, and their citations move with them. */
function encodeParts(parts: Part[], shown: boolean, grounding: GroundingWriter): Words[] {
  const written: Words[] = [];
  let offsets = new TextOffsets();
  const cited: (() => void)[] = [];
  for (const part of parts) {
    const last = written.at(-1);
    if (part.type === "text" || part.type === "refusal") {
      if (part.text === "") continue;
      const open = last && isPlainText(last) ? last : undefined;
      if (!open) offsets = new TextOffsets();
      const place = { wire: open ? written.length - 1 : written.length, offsets, base: offsets.units, length: part.text.length };
      const target: Words = open ?? { text: "" };
      target["text"] = `${String(target["text"])}${part.text}`;
      offsets.add(part.text);
      if (!open) written.push(target);
      // Written at the end, when sources found by searches stand before those that are only cited and the texts are whole.
      if (part.type === "text") for (const citation of part.citations ?? []) cited.push(() => grounding.cite(citation, { ...place, text: String(target["text"]) }));
    } else if (part.type === "reasoning") {
      const thought = writeThought(part, shown);
      if (!thought) continue;
      if (last && last["inlineData"] !== undefined && last["thoughtSignature"] === undefined && thought["text"] === "") last["thoughtSignature"] = thought["thoughtSignature"];
      // A seal is checked against its own words: only unsealed thinking may join.
      else if (last && thought["thought"] === true && last["thought"] === true && last["thoughtSignature"] === undefined && thought["thoughtSignature"] === undefined)
        last["text"] = `${String(last["text"])}${String(thought["text"])}`;
      else written.push(thought);
    } else {
      if (part.type === "hosted-call" && grounding.call(part)) continue;
      if (part.type === "hosted-result" && grounding.result(part)) continue;
      const wire = writePart(part);
      if (wire) written.push(wire);
    }
  }
  for (const cite of cited) cite();
  return written;
}

const isPlainText = (part: Words): boolean => typeof part["text"] === "string" && part["thought"] === undefined && part["thoughtSignature"] === undefined;
