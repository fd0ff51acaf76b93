/** What the real API refuses in a chat request, with its own words (status 400). */
import { asList, asNumber, asObject, asText, isObject, type JsonObject } from "../../kit/json.ts";
import { faultOfLists, faultOfTurns } from "./check-turns.ts";
import { invalid, type OpenAiError } from "./errors.ts";
import { isReasoning, refusesChatTools } from "./models.ts";

/** Takes a body, a field, its bounds and the word for its kind; gives the error when it lies outside. */
export function range(
  body: JsonObject,
  name: string,
  least: number,
  most: number,
  noun: string,
): OpenAiError | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  const number = asNumber(value);
  if (number === undefined)
    return invalid(
      `Invalid type for '${name}': expected a ${noun === "integer" ? "n integer" : "decimal"}, but got a ${typeof value} instead.`.replace(
        "a n ",
        "an ",
      ),
      name,
      "invalid_type",
    );
  if (number > most)
    return invalid(
      `Invalid '${name}': ${noun} above maximum value. Expected a value <= ${most}, but got ${number} instead.`,
      name,
      `${noun}_above_max_value`,
    );
  if (number < least)
    return invalid(
      `Invalid '${name}': ${noun} below minimum value. Expected a value >= ${least}, but got ${number} instead.`,
      name,
      `${noun}_below_min_value`,
    );
  return undefined;
}

function messages(value: unknown): OpenAiError | undefined {
  if (value === undefined)
    return invalid("Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
  if (!Array.isArray(value))
    return invalid(
      `Invalid type for 'messages': expected an array of objects, but got a ${typeof value} instead.`,
      "messages",
      "invalid_type",
    );
  if (value.length === 0)
    return invalid(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      "messages",
      "empty_array",
    );
  for (const [index, message] of value.entries()) {
    const at = `messages[${index}]`;
    if (!isObject(message))
      return invalid(`Invalid type for '${at}': expected an object.`, at, "invalid_type");
    const role = asText(message["role"]);
    if (!["system", "developer", "user", "assistant", "tool", "function"].includes(role))
      return invalid(
        `Invalid value: '${role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`,
        `${at}.role`,
        "invalid_value",
      );
    if (role === "tool" && asText(message["tool_call_id"]) === "")
      return invalid(
        `Missing required parameter: '${at}.tool_call_id'.`,
        `${at}.tool_call_id`,
        "missing_required_parameter",
      );
    // minItems: 1 in the published document, for every role.
    if (Array.isArray(message["content"]) && message["content"].length === 0)
      return invalid(
        `Invalid '${at}.content': empty array. Expected an array with minimum length 1, but got an empty array instead.`,
        `${at}.content`,
        "empty_array",
      );
  }
  return undefined;
}

function toolNames(body: JsonObject): OpenAiError | undefined {
  for (const [index, tool] of asList(body["tools"]).entries()) {
    const name = asText(asObject(asObject(tool)["function"])["name"]);
    if (asObject(tool)["type"] === "function" && !/^[a-zA-Z0-9_-]{1,64}$/.test(name))
      return invalid(
        `Invalid 'tools[${index}].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
        `tools[${index}].function.name`,
        "invalid_value",
      );
  }
  if (body["tool_choice"] !== undefined && body["tool_choice"] !== null && asList(body["tools"]).length === 0)
    return invalid(
      "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
      "tool_choice",
    );
  return undefined;
}

/** Takes the parsed body of a chat request; gives the error the API would answer with 400, `undefined` when the request is fine. */
export function faultOfChat(body: JsonObject): OpenAiError | undefined {
  const model = asText(body["model"]);
  if (model === "") return invalid("you must provide a model parameter", null);
  if (isReasoning(model) && body["max_tokens"] !== undefined && body["max_tokens"] !== null)
    return invalid(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      "max_tokens",
      "unsupported_parameter",
    );
  const functions = asList(body["tools"]).some((tool) => asObject(tool)["type"] === "function");
  if (functions && refusesChatTools(model, asText(body["reasoning_effort"])))
    return invalid(
      `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.`,
      "reasoning_effort",
    );
  if (body["stream_options"] && body["stream"] !== true)
    return invalid(
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      "stream_options",
    );
  return (
    messages(body["messages"]) ??
    faultOfTurns(asList(body["messages"])) ??
    faultOfLists(body) ??
    range(body, "temperature", 0, 2, "decimal") ??
    range(body, "top_p", 0, 1, "decimal") ??
    range(body, "n", 1, 128, "integer") ??
    range(body, "max_tokens", 1, Number.MAX_SAFE_INTEGER, "integer") ??
    range(body, "max_completion_tokens", 1, Number.MAX_SAFE_INTEGER, "integer") ??
    range(body, "top_logprobs", 0, 20, "integer") ??
    toolNames(body)
  );
}
