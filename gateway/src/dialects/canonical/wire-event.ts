import type { WireEvent } from "./stream.ts";

/** No vendor writes more than a few lines to an event; what stands after so many is not read, so that an event of 32 MB of line ends is no million objects. */
const EVENT_LINES_MAX = 16_384;

/**
 * The name and data of one server-sent event given as text with its borders (WHATWG HTML, 9.2.6), or of one element of a JSON array, which then is the data as it is.
 * Undefined for an event without data (a comment, a lone name).
 */
export function wireEvent(text: string): WireEvent | undefined {
  const trimmed = text.trimStart();
  if (trimmed.startsWith("{") || trimmed.startsWith("[") || trimmed.startsWith(",")) {
    const from = text.indexOf("{");
    return from < 0 ? undefined : { data: text.slice(from) };
  }
  let event: string | undefined;
  let data: string | undefined;
  for (const line of text.split(/\r\n|\n|\r/, EVENT_LINES_MAX)) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const value = line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    const name = line.slice(0, colon);
    if (name === "data") data = data === undefined ? value : `${data}\n${value}`;
    else if (name === "event") event = value;
  }
  return data === undefined ? undefined : { ...(event === undefined ? {} : { event }), data };
}
