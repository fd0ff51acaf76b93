import { isUtf8 } from "node:buffer";
import type { CallFacts, Dialect, FormReader, PreparedRequest } from "../dialects/canonical/dialect.ts";
import { FormScan } from "../dialects/canonical/form-scan.ts";
import { JsonScan } from "../dialects/canonical/json-scan.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { RelayCall } from "./call.ts";

/** A body is read in slices of this size, with others served in between: 10 MB must not stall them. */
const SCAN_SLICE_BYTES = 128 * 1024;
/** Its encoding is checked natively, faster than it is read. */
const UTF8_SLICE_BYTES = 1024 * 1024;
/** A form's files are passed over by a native search, which is that much faster. */
const FORM_SLICE_BYTES = 4 * 1024 * 1024;

/** A request's body, its members or fields found by position. */
export type BodyScan = JsonScan | FormScan;

export const isForm = (contentType: string | undefined): boolean => contentType !== undefined && /^multipart\/form-data\s*(;|$)/i.test(contentType);

/** Reads the body by its content type: a small one at once, a large one without stalling others. Throws (or rejects with) GatewayError. */
export function scanBody(call: RelayCall): BodyScan | Promise<BodyScan> {
  const contentType = call.headers["content-type"];
  if (isForm(contentType)) return scanned(new FormScan(call.body, contentType ?? ""), FORM_SLICE_BYTES);
  const checking = checkUtf8(call.body);
  const scan = new JsonScan(call.body);
  return checking ? checking.then(() => scanned(scan, SCAN_SLICE_BYTES)) : scanned(scan, SCAN_SLICE_BYTES);
}

function scanned(scan: BodyScan, sliceBytes: number): BodyScan | Promise<BodyScan> {
  return scan.run(sliceBytes) ? scan : scannedOn(scan, sliceBytes);
}

async function scannedOn(scan: BodyScan, sliceBytes: number): Promise<BodyScan> {
  do await othersTurn();
  while (!scan.run(sliceBytes));
  return scan;
}

/** RFC 8259, 8.1: JSON is UTF-8. What is not would be read differently by the vendor than by us. */
function checkUtf8(body: Buffer): Promise<void> | undefined {
  if (body.length > UTF8_SLICE_BYTES) return checkLongUtf8(body);
  if (!isUtf8(body)) throw notUtf8();
  return undefined;
}

async function checkLongUtf8(body: Buffer): Promise<void> {
  for (let at = 0; at < body.length; ) {
    const end = characterStart(body, at + UTF8_SLICE_BYTES);
    if (!isUtf8(body.subarray(at, end))) throw notUtf8();
    at = end;
    await othersTurn();
  }
}

const notUtf8 = (): GatewayError => new GatewayError("invalidJson", { publicText: "The request body is not valid JSON: it is not UTF-8." });

/** The last position up to `at` where a character of UTF-8 can begin (it has at most three bytes after its first, RFC 3629), or the body's end. */
function characterStart(body: Buffer, at: number): number {
  if (at >= body.length) return body.length;
  let start = at;
  while (start > at - 3 && ((body[start] as number) & 0xc0) === 0x80) start -= 1;
  return start;
}

const othersTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The model a body names, as the log keeps it; "" when it names none. */
export function namedModel(scan: BodyScan): string {
  if (scan instanceof FormScan) return scan.parts.findLast((part) => part.name === "model")?.filename === undefined ? (scan.value("model") ?? "").slice(0, 200) : "";
  return scan.type("model") === "string" ? String(scan.value("model")).slice(0, 200) : "";
}

/** What routing and money need to know. Throws GatewayError. */
export const readFacts = (call: RelayCall, scan: BodyScan): CallFacts =>
  scan instanceof FormScan ? formReader(call.dialect).readRequest(scan, call.endpoint) : call.dialect.readRequest(scan, call.endpoint);

/** The bytes for a vendor of the same dialect. */
export const preparedBody = (call: RelayCall, scan: BodyScan, upstreamModel: string, traits?: ReadonlySet<string>): PreparedRequest =>
  scan instanceof FormScan ? formReader(call.dialect).prepare(scan, call.endpoint, upstreamModel) : call.dialect.prepare(scan, call.endpoint, upstreamModel, traits);

function formReader(dialect: Dialect): FormReader {
  if (!dialect.form) throw new GatewayError("unsupportedMediaType");
  return dialect.form;
}
