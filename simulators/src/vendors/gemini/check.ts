/** What the real API refuses in a request to generate (400, INVALID_ARGUMENT). */
import { asList, asNumber, asObject, asText, isObject, type JsonObject } from "../../kit/json.ts";
import { faultOfNumbers, faultOfTurns } from "./check-turns.ts";

/** Members of a part's `data`, of which it must have one (SDK: Part), in both spellings that the API takes. */
const PART_DATA = ["text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult", "toolCall", "toolResponse", "audioTranscription"]
  .flatMap((name) => [name, name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]);

/** Takes the parsed body; gives the error text, `undefined` when the request is fine. */
export function faultOfGenerate(body: JsonObject): string | undefined {
  const contents = body["contents"];
  if (contents === undefined || asList(contents).length === 0)
    return "* GenerateContentRequest.contents: contents is not specified\n";
  for (const [index, content] of asList(contents).entries()) {
    if (!isObject(content))
      return `Invalid value at 'contents[${index}]' (type.googleapis.com/google.ai.generativelanguage.v1beta.Content)`;
    const role = asText(content["role"]);
    if (role !== "" && !["user", "model", "function", "system"].includes(role))
      return "Please use a valid role: user, model.";
    if (asList(content["parts"]).length === 0)
      return `* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.\n`;
    const bare = asList(content["parts"]).findIndex((part) => !PART_DATA.some((name) => asObject(part)[name] !== undefined));
    if (bare !== -1)
      return `* GenerateContentRequest.contents[${index}].parts[${bare}].data: required oneof field 'data' must have one initialized field\n`;
  }
  const turns = faultOfTurns(asList(contents));
  if (turns !== undefined) return turns;
  const config = asObject(body["generationConfig"] ?? body["generation_config"]);
  const numbers = faultOfNumbers(config);
  if (numbers !== undefined) return numbers;
  const temperature = asNumber(config["temperature"]);
  if (temperature !== undefined && (temperature < 0 || temperature > 2))
    return `* GenerateContentRequest.generation_config.temperature: temperature must be in the range [0.0, 2.0].\n`;
  const candidates = asNumber(config["candidateCount"]);
  if (candidates !== undefined && (candidates < 1 || candidates > 8))
    return "* GenerateContentRequest.generation_config.candidate_count: candidate_count must be in the range [1, 8].\n";
  const most = asNumber(config["maxOutputTokens"]);
  if (most !== undefined && most < 1)
    return "* GenerateContentRequest.generation_config.max_output_tokens: max_output_tokens must be positive.\n";
  return undefined;
}
