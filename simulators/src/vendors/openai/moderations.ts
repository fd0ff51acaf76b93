/** `POST /v1/moderations` (openai SDK: ModerationCreateParams, ModerationCreateResponse). Free, so no usage is reported. */
import { asObject, asText, type JsonObject } from "../../kit/json.ts";
import type { Answer, Received } from "../../kit/vendor.ts";
import { invalid, openAiHeaders, openAiRefusal } from "./errors.ts";
import { moderates, unknownModel } from "./models.ts";

/** Categories with a word that makes each of them true; all of the SDK's are told. */
const CATEGORIES: Record<string, RegExp | undefined> = {
  harassment: /\bidiot\b/i,
  "harassment/threatening": undefined,
  hate: /\bhate\b/i,
  "hate/threatening": undefined,
  illicit: /\bsteal\b/i,
  "illicit/violent": undefined,
  "self-harm": undefined,
  "self-harm/intent": undefined,
  "self-harm/instructions": undefined,
  sexual: undefined,
  "sexual/minors": undefined,
  violence: /\b(kill|stab|shoot)\b/i,
  "violence/graphic": undefined,
};
const DEFAULT_MODEL = "omni-moderation-latest";

/** One thing to judge: a text, and whether a picture lies beside it. */
interface Judged {
  text: string;
  image: boolean;
}

function inputsOf(input: unknown): Judged[] | undefined {
  if (typeof input === "string") return [{ text: input, image: false }];
  if (!Array.isArray(input) || input.length === 0) return undefined;
  if (input.every((item) => typeof item === "string")) return input.map((text) => ({ text, image: false }));
  const parts = input.map(asObject);
  if (!parts.every((part) => part["type"] === "text" || part["type"] === "image_url")) return undefined;
  // Parts are one input together.
  return [{ text: parts.map((part) => asText(part["text"])).join("\n"), image: parts.some((part) => part["type"] === "image_url") }];
}

function resultOf({ text, image }: Judged): JsonObject {
  const names = Object.keys(CATEGORIES);
  const found = (name: string): boolean => CATEGORIES[name]?.test(text) ?? false;
  return {
    flagged: names.some(found),
    categories: Object.fromEntries(names.map((name) => [name, found(name)])),
    category_scores: Object.fromEntries(names.map((name) => [name, found(name) ? 0.93 : 0.0001])),
    category_applied_input_types: Object.fromEntries(names.map((name) => [name, image ? ["text", "image"] : ["text"]])),
  };
}

/** Takes a request; gives the verdicts, one for each text. */
export function moderate(request: Received): Answer {
  const body = asObject(request.json);
  if (request.json === undefined) return openAiRefusal(request, 400, invalid("We could not parse the JSON body of your request.", null));
  const inputs = inputsOf(body["input"]);
  if (!inputs) return openAiRefusal(request, 400, invalid("Invalid value for 'input'.", "input"));
  const model = asText(body["model"]) || DEFAULT_MODEL;
  if (!moderates(model)) return unknownModel(request, model);
  const answer = { id: `modr-${request.ids.hex(32)}`, model, results: inputs.map(resultOf) };
  return { kind: "whole", status: 200, headers: openAiHeaders(request), body: JSON.stringify(answer), model };
}
