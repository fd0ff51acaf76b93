/** What the real API refuses in the messages of a chat beside their form, with its own words; and pictures, in Responses too. */
import { asList, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { isPicture } from "../../kit/media/input-file.ts";
import { invalid, type OpenAiError } from "./errors.ts";

/** Takes the address of a picture and where it stands; gives the error for a data URL that holds none. */
export function faultOfPicture(url: unknown, at: string): OpenAiError | undefined {
  if (typeof url !== "string" || !url.startsWith("data:")) return undefined;
  return isPicture(url.slice(url.indexOf(",") + 1))
    ? undefined
    : invalid("You uploaded an unsupported image. Please make sure your image is valid.", at, "image_parse_error");
}

/** Takes the messages; gives the error for pictures that are none, ids that come twice in a message and results without their call. */
export function faultOfTurns(messages: readonly unknown[]): OpenAiError | undefined {
  let calls = new Set<string>();
  for (const [index, message] of messages.map(asObject).entries()) {
    const at = `messages[${index}]`;
    for (const [place, part] of asList(message["content"]).map(asObject).entries()) {
      const fault = faultOfPicture(asObject(part["image_url"])["url"], `${at}.content[${place}].image_url`);
      if (fault) return fault;
    }
    if (message["role"] === "tool") {
      if (!calls.has(asText(message["tool_call_id"])))
        return invalid("Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.", `${at}.role`);
      continue;
    }
    const ids = asList(message["tool_calls"]).map((call) => asText(asObject(call)["id"]));
    calls = new Set(ids);
    const twice = ids.find((id, place) => ids.indexOf(id) !== place);
    if (twice !== undefined) return invalid(`Duplicate value for 'tool_call_id' of '${twice}' in message[${index}]`, "messages");
  }
  return undefined;
}

/** Longest list of `stop`. */
const STOPS_MAX = 4;

/** Takes the body; gives the error for lists that are none or too long. */
export function faultOfLists(body: JsonObject): OpenAiError | undefined {
  const { tools, stop } = body;
  if (tools !== undefined && tools !== null && !Array.isArray(tools))
    return invalid(`Invalid type for 'tools': expected an array of objects, but got an ${typeof tools} instead.`, "tools", "invalid_type");
  if (Array.isArray(stop) && stop.length > STOPS_MAX)
    return invalid(
      `Invalid 'stop': array too long. Expected an array with maximum length ${STOPS_MAX}, but got an array with length ${stop.length} instead.`,
      "stop",
      "array_above_max_length",
    );
  return undefined;
}
