import { objectOf, parseJson } from "./fields.ts";
import type { JsonEdit, JsonScan } from "./json-scan.ts";

/** What makes a stream of an OpenAI request report its usage (`stream_options.include_usage`); undefined for no stream, and when the caller asks for it already. */
export function streamUsageEdit(scan: JsonScan): JsonEdit | undefined {
  if (scan.value("stream") !== true) return undefined;
  const member = scan.member("stream_options");
  const stream = scan.member("stream");
  if (!member || scan.type("stream_options") === "null") {
    const text = '"stream_options":{"include_usage":true}';
    if (member) return { start: member.keyStart, end: member.end, text };
    return stream ? { start: stream.end, end: stream.end, text: `,${text}` } : undefined;
  }
  const options = objectOf(parseJson(scan.bytes.toString("utf8", member.start, member.end)));
  if (options["include_usage"] === true) return undefined;
  return { start: member.start, end: member.end, text: JSON.stringify({ ...options, include_usage: true }) };
}
