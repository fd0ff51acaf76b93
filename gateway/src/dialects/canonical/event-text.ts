import { wireEvent } from "./wire-event.ts";

/**
 * Small looks into one event's text without parsing it: thousands of events a second go by, and nearly all are only passed on.
 * The text is latin1 of the UTF-8 bytes; patterns are ASCII. Inside a JSON string every quote is escaped, so `"name":` with bare
 * quotes can only be a real member.
 */

/** The JSON payload of an SSE event, or of an element of a JSON array. Undefined when it has none. */
export function eventData(text: string): string | undefined {
  const data = wireEvent(text)?.data;
  return data === undefined ? undefined : Buffer.from(data, "latin1").toString("utf8");
}

/** Position just after `"name":` and spaces, or -1. */
export function memberAt(text: string, quotedName: string, from = 0): number {
  let at = text.indexOf(quotedName, from);
  if (at < 0) return -1;
  at += quotedName.length;
  while (text.charCodeAt(at) === 0x20) at += 1;
  if (text.charCodeAt(at) !== 0x3a) return memberAt(text, quotedName, at);
  at += 1;
  while (text.charCodeAt(at) === 0x20) at += 1;
  return at;
}

/** End (exclusive) of the JSON string whose first character stands at `from`; the text's length when it is not closed. */
function stringEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === 0x5c && quote - 1 - slashes >= from) slashes += 1;
    if (slashes % 2 === 0) return quote;
    at = quote + 1;
  }
}

/** Calls `found` with the borders of every string value of that member in the text. Gives how many there were. */
export function eachString(text: string, quotedName: string, found: (from: number, to: number) => void): number {
  let count = 0;
  let at = memberAt(text, quotedName);
  while (at >= 0) {
    if (text.charCodeAt(at) === 0x22) {
      const to = stringEnd(text, at + 1);
      if (to > at + 1) {
        found(at + 1, to);
        count += 1;
      }
      at = to;
    }
    at = memberAt(text, quotedName, at);
  }
  return count;
}
