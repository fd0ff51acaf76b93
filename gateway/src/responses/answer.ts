import { applyEdits, type JsonEdit, type JsonMember, type JsonScan, tryScanJson } from "../dialects/canonical/json-scan.ts";
import { setMember } from "./request.ts";

/** Events that hold the response as it stands (SDK type `ResponseStreamEvent`). */
const WITH_RESPONSE = /"type" ?: ?"response\.(created|queued|in_progress|completed|incomplete|failed)"/;
const FINISHED: ReadonlySet<string> = new Set(["completed", "incomplete"]);

/** Members of the response that only we know: the vendor was told neither. */
export interface OwnMembers {
  store: boolean;
  previous: string | undefined;
}

/** A response's bytes with our members in it. Bytes that are no JSON object stay as they are. */
export function reworded(response: Buffer, own: OwnMembers): Buffer {
  const scan = tryScanJson(response);
  if (!scan) return response;
  const edits: JsonEdit[] = [];
  const store = scan.member("store");
  if (store) edits.push({ start: store.start, end: store.end, text: String(own.store) });
  if (own.previous !== undefined) edits.push(setMember(scan, "previous_response_id", JSON.stringify(own.previous)));
  return applyEdits(response, edits);
}

/** The response inside one event of a stream, and where it stands; undefined for events without one. */
export interface EventResponse {
  /** whether nothing more comes */
  finished: boolean;
  response: Buffer;
  /** the event with another response in its place */
  with(response: Buffer): Buffer;
}

/** `event`: whole, borders included. Data in several lines (which nobody sends) is passed over. */
export function responseInEvent(event: Buffer): EventResponse | undefined {
  const line = event.indexOf("data:");
  if (line < 0 || (line > 0 && event[line - 1] !== 0x0a && event[line - 1] !== 0x0d)) return undefined;
  const from = line + "data:".length;
  const end = endOfLine(event, from);
  const data = event.subarray(from, end);
  const scan = tryScanJson(data);
  const member = scan?.member("response");
  const kind = scan && WITH_RESPONSE.exec(`"type":${textOf(scan, scan.member("type"))}`)?.[1];
  if (!member || kind === undefined) return undefined;
  return {
    finished: FINISHED.has(kind),
    response: data.subarray(member.start, member.end),
    with: (response) => Buffer.concat([event.subarray(0, from + member.start), response, event.subarray(from + member.end)]),
  };
}

/** Cuts bytes of whole events into single ones (WHATWG HTML, 9.2.6: an empty line ends an event). */
export function eventsOf(bytes: Buffer): Buffer[] {
  const events: Buffer[] = [];
  let from = 0;
  for (const match of bytes.toString("latin1").matchAll(/(\r\n|\n|\r)(\r\n|\n|\r)+/g)) {
    const to = match.index + match[0].length;
    events.push(bytes.subarray(from, to));
    from = to;
  }
  if (from < bytes.length) events.push(bytes.subarray(from));
  return events;
}

/** A quick look: whether any event of these bytes could hold a response. Inside a JSON string the quotes would be escaped. */
export const mayHoldResponse = (bytes: Buffer): boolean => bytes.includes('"response":') || bytes.includes('"response" :');

const textOf = (scan: JsonScan, member: JsonMember | undefined): string => (member ? scan.bytes.toString("latin1", member.start, member.end) : "");

function endOfLine(bytes: Buffer, from: number): number {
  const ends = [bytes.indexOf(0x0a, from), bytes.indexOf(0x0d, from)].filter((at) => at >= 0);
  return ends.length > 0 ? Math.min(...ends) : bytes.length;
}
