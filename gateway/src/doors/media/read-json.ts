import { isAscii } from "node:buffer";
import { JsonScan, type StringSpan } from "../../dialects/canonical/json-scan.ts";
import { GatewayError } from "../../errors/gateway-error.ts";

/** A body is looked through in slices of this size, about a millisecond each, with others served in between. */
const SLICE_BYTES = 1024 * 1024;
/** The same where nothing but single bytes is looked for. */
const PLAIN_SLICE_BYTES = 8 * SLICE_BYTES;
/** Of a body what is no file in base64: parsed at once, in some 20 ms. No model takes a tenth of it. */
const OTHER_BYTES_MAX = 4 * 1024 * 1024;

/** Parses a body of JSON. Its large files in base64 are never parsed: they become texts one by one, and others are served in between. Rejects with GatewayError (invalidJson, tooLarge). */
export async function readJson(bytes: Buffer): Promise<unknown> {
  const scan = new JsonScan(bytes);
  while (!scan.run(SLICE_BYTES)) await turn();
  const files: StringSpan[] = [];
  for (const span of scan.largeMedia) if (await isPlain(bytes, span)) files.push(span);
  const others = bytes.length - files.reduce((sum, { start, end }) => sum + end - start, 0);
  if (others > OTHER_BYTES_MAX) throw new GatewayError("tooLarge", { publicText: `The request has more than ${OTHER_BYTES_MAX / 1024 / 1024} MB beside its files in base64.` });
  if (files.length === 0) return parse(bytes);
  // Nobody outside can guess it, so no caller's own text is taken for a file.
  const secret = `file ${crypto.randomUUID()} `;
  const pieces: Buffer[] = [];
  let at = 0;
  for (const [index, { start, end }] of files.entries()) {
    pieces.push(bytes.subarray(at, start), Buffer.from(secret + String(index)));
    at = end;
  }
  pieces.push(bytes.subarray(at));
  const texts: string[] = [];
  for (const { start, end } of files) {
    texts.push(bytes.toString("latin1", start, end));
    await turn();
  }
  return filled(parse(Buffer.concat(pieces)), (text) => (text.startsWith(secret) ? (texts[Number(text.slice(secret.length))] ?? text) : text));
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What lies between the quotes is the text itself: nothing is escaped. */
async function isPlain(bytes: Buffer, { start, end }: StringSpan): Promise<boolean> {
  for (let at = start; at < end; at += PLAIN_SLICE_BYTES) {
    const slice = bytes.subarray(at, Math.min(at + PLAIN_SLICE_BYTES, end));
    if (slice.includes(0x5c) || !isAscii(slice)) return false;
    if (slice.length === PLAIN_SLICE_BYTES) await turn();
  }
  return true;
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new GatewayError("invalidJson");
  }
}

function filled(value: unknown, text: (value: string) => string): unknown {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return value.map((entry: unknown) => filled(entry, text));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member, text)]));
}
