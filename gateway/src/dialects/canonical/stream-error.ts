import { eventData, memberAt } from "./event-text.ts";
import { objectOf, parseJson, textOf } from "./fields.ts";

/** The text of an error that an event of OpenAI's reports (`data: {"error":{...}}`, or `"type":"error"`); undefined when it reports none. `text`: latin1. */
export function errorOfEvent(text: string): string | undefined {
  if (memberAt(text, '"error"') < 0 && !text.includes('"type":"error"') && !text.includes("event: error")) return undefined;
  const data = objectOf(parseJson(eventData(text) ?? ""));
  const failure = data["error"];
  if (failure === undefined || failure === null) return data["type"] === "error" ? textOf(data["message"], "an error inside the stream") : undefined;
  return typeof failure === "string" ? failure : textOf(objectOf(failure)["message"], JSON.stringify(failure));
}
