/** What the real API refuses in the turns of a conversation and in the types of its settings, with its own words. */
import { asList, asObject, asText, isObject, type JsonObject } from "../../kit/json.ts";
import { isPicture } from "../../kit/media/input-file.ts";

const FLOATS = ["temperature", "topP", "topK", "presencePenalty", "frequencyPenalty"];
const WHOLE = ["candidateCount", "maxOutputTokens", "seed", "logprobs"];

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Takes generationConfig; gives the error text for a number that is none. A number may come as a string (proto3 JSON mapping). */
export function faultOfNumbers(config: JsonObject): string | undefined {
  for (const name of [...FLOATS, ...WHOLE]) {
    const value = config[name] ?? config[snake(name)];
    if (value === undefined || value === null) continue;
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number !== "number" || Number.isNaN(number) || (WHOLE.includes(name) && !Number.isInteger(number)))
      return `Invalid value at 'generation_config.${snake(name)}' (TYPE_${FLOATS.includes(name) ? "FLOAT" : "INT32"}), ${JSON.stringify(value)}`;
  }
  return undefined;
}

const partsOf = (content: unknown, name: string): JsonObject[] =>
  asList(asObject(content)["parts"])
    .map((part) => asObject(part)[name] ?? asObject(part)[snake(name)])
    .filter(isObject);

/** Takes the contents; gives the error text for pictures that are none, results without their call and calls without their result. */
export function faultOfTurns(contents: readonly unknown[]): string | undefined {
  for (const [index, content] of contents.entries()) {
    for (const blob of partsOf(content, "inlineData"))
      if (asText(blob["mimeType"] ?? blob["mime_type"]).startsWith("image/") && !isPicture(asText(blob["data"])))
        return "Unable to process input image. Please retry or report in https://developers.generativeai.google/guide/troubleshooting";
    const results = partsOf(content, "functionResponse").length;
    if (results === 0) continue;
    const calls = partsOf(contents[index - 1], "functionCall").length;
    if (calls === 0) return "Please ensure that function response turn comes immediately after a function call turn.";
    if (calls !== results)
      return "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.";
  }
  return undefined;
}
