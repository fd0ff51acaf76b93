/** What the real API refuses in a Responses request, with its own words. */
import { asList, asObject, asText, isObject, type JsonObject } from "../../../kit/json.ts";
import { range } from "../check.ts";
import { faultOfPicture } from "../check-turns.ts";
import { invalid, type OpenAiError } from "../errors.ts";
import { isReasoning } from "../models.ts";
import { isOurs } from "./sealed.ts";

/** Fewest tokens `max_output_tokens` may allow. */
const OUTPUT_TOKENS_MIN = 16;
/** How the ids of items that are sent back must begin. */
const PREFIXES: Record<string, string> = {
  message: "msg",
  reasoning: "rs",
  function_call: "fc",
  custom_tool_call: "ctc",
  web_search_call: "ws",
};
const PARTS = ["input_text", "input_image", "input_file", "output_text", "refusal"];
const KINDS = /^(message|reasoning|item_reference|compaction|additional_tools|mcp_.+|.+_call|.+_output)$/;

const missing = (name: string): OpenAiError =>
  invalid(`Missing required parameter: '${name}'.`, name, "missing_required_parameter");

const wrongValue = (at: string, value: string, supported: string[]): OpenAiError =>
  invalid(
    `Invalid value: '${value}'. Supported values are: ${supported.map((one) => `'${one}'`).join(", ")}.`,
    at,
    "invalid_value",
  );

function message(item: JsonObject, at: string): OpenAiError | undefined {
  const role = asText(item["role"]);
  const roles = ["assistant", "system", "developer", "user"];
  if (!roles.includes(role)) return wrongValue(`${at}.role`, role, roles);
  for (const [index, part] of asList(item["content"]).map(asObject).entries()) {
    const type = asText(part["type"]);
    const mine = role === "assistant" ? type.startsWith("input") : type === "output_text" || type === "refusal";
    if (!PARTS.includes(type) || mine)
      return wrongValue(
        `${at}.content[${index}]`,
        type,
        role === "assistant" ? ["output_text", "refusal"] : ["input_text", "input_image", "input_file"],
      );
    const fault = faultOfPicture(part["image_url"], `${at}.content[${index}].image_url`);
    if (fault) return fault;
  }
  return undefined;
}

function item(value: unknown, at: string): OpenAiError | undefined {
  if (!isObject(value)) return invalid(`Invalid type for '${at}': expected an object.`, at, "invalid_type");
  const kind = asText(value["type"]) || "message";
  if (!KINDS.test(kind)) return wrongValue(`${at}.type`, kind, Object.keys(PREFIXES));
  const prefix = PREFIXES[kind];
  const id = value["id"];
  if (prefix !== undefined && typeof id === "string" && !id.startsWith(prefix))
    return invalid(
      `Invalid '${at}.id': '${id}'. Expected an ID that begins with '${prefix}'.`,
      `${at}.id`,
      "invalid_value",
    );
  if (kind === "message") return message(value, at);
  if (kind === "function_call")
    for (const name of ["call_id", "name", "arguments"])
      if (typeof value[name] !== "string") return missing(`${at}.${name}`);
  if (kind === "function_call_output")
    for (const name of ["call_id", "output"]) if (value[name] === undefined) return missing(`${at}.${name}`);
  const sealed = value["encrypted_content"];
  if (kind === "reasoning" && typeof sealed === "string" && !isOurs(sealed))
    return invalid(
      `The encrypted content ${sealed.slice(0, 4)}...${sealed.slice(-4)} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
      null,
      "invalid_encrypted_content",
    );
  return undefined;
}

/** Takes the whole conversation's items, earlier turns included; gives the error for a call without its output or an output without its call. */
export function faultOfCalls(items: JsonObject[]): OpenAiError | undefined {
  const of = (kind: RegExp): Set<string> =>
    new Set(items.filter((one) => kind.test(asText(one["type"]))).map((one) => asText(one["call_id"])));
  const [calls, outputs] = [of(/^(function|custom_tool)_call$/), of(/^(function|custom_tool)_call_output$/)];
  const all = items.filter((one) => /^(function|custom_tool)_call$/.test(asText(one["type"]))).map((one) => asText(one["call_id"]));
  const twice = all.find((id, place) => all.indexOf(id) !== place);
  if (twice !== undefined) return invalid(`Duplicate function call with call_id ${twice}.`, "input");
  for (const id of outputs)
    if (!calls.has(id))
      return invalid(`No tool call found for function call output with call_id ${id}.`, "input");
  for (const id of calls)
    if (!outputs.has(id)) return invalid(`No tool output found for function call ${id}.`, "input");
  return undefined;
}

function tools(body: JsonObject): OpenAiError | undefined {
  for (const [index, tool] of asList(body["tools"]).map(asObject).entries()) {
    const [at, type] = [`tools[${index}]`, asText(tool["type"])];
    if (type === "") return missing(`${at}.type`);
    if (!["function", "custom", "namespace"].includes(type)) continue;
    if (tool["name"] === undefined) return missing(`${at}.name`);
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(asText(tool["name"])))
      return invalid(
        `Invalid '${at}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
        `${at}.name`,
        "invalid_value",
      );
  }
  const choice = body["tool_choice"];
  if (choice !== undefined && choice !== "auto" && choice !== "none" && choice !== null && asList(body["tools"]).length === 0)
    return invalid("Tool choice 'required' must be specified with 'tools' parameter.", "tool_choice");
  return undefined;
}

function model(body: JsonObject): OpenAiError | undefined {
  const thinks = isReasoning(asText(body["model"]));
  const effort = asObject(body["reasoning"])["effort"];
  const unsupported = (name: string): OpenAiError =>
    invalid(`Unsupported parameter: '${name}' is not supported with this model.`, name);
  if (!thinks && effort !== undefined && effort !== null) return unsupported("reasoning.effort");
  if (thinks && effort !== "none")
    for (const name of ["temperature", "top_p"])
      if (typeof body[name] === "number" && body[name] !== 1) return unsupported(name);
  return undefined;
}

function format(body: JsonObject): OpenAiError | undefined {
  const wanted = asObject(asObject(body["text"])["format"]);
  if (wanted["type"] === "json_schema")
    for (const name of ["name", "schema"]) if (wanted[name] === undefined) return missing(`text.format.${name}`);
  if (wanted["type"] === "json_object" && !/json/i.test(JSON.stringify([body["input"], body["instructions"]])))
    return invalid(
      "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
      "input",
    );
  return undefined;
}

/** Takes the parsed body; gives the error the API would answer with 400, `undefined` when the request is fine. */
export function faultOfResponses(body: JsonObject): OpenAiError | undefined {
  if (asText(body["model"]) === "") return missing("model");
  const { input } = body;
  if (input === undefined && body["previous_response_id"] === undefined) return missing("input");
  if (input !== undefined && typeof input !== "string" && !Array.isArray(input))
    return invalid(
      `Invalid type for 'input': expected one of a string or array of objects, but got a ${typeof input} instead.`,
      "input",
      "invalid_type",
    );
  for (const [index, one] of asList(input).entries()) {
    const fault = item(one, `input[${index}]`);
    if (fault) return fault;
  }
  return (
    range(body, "temperature", 0, 2, "decimal") ??
    range(body, "top_p", 0, 1, "decimal") ??
    range(body, "max_output_tokens", OUTPUT_TOKENS_MIN, Number.MAX_SAFE_INTEGER, "integer") ??
    range(body, "top_logprobs", 0, 20, "integer") ??
    model(body) ??
    tools(body) ??
    format(body)
  );
}
