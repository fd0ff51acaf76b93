import type { Clock } from "../clock/clock.ts";
import type { Deadlines } from "../egress/deadlines.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { LargeBuffers } from "../relay/large-buffers.ts";

/** A body must arrive within this: 64 MB over a slow line, but not a byte a second. */
const BODY_MS_MAX = 120_000;

/**
 * Larger bodies are put together by us, piece by piece as they come. Bun keeps a body of many megabytes in a file in memory and maps it when it is whole: the first touch of its pages then stalled
 * all others for 15 ms at 10 MB (measured).
 */
const GATHERED_BYTES_MAX = 256 * 1024;

/** What reading a body takes. */
export interface BodyTools {
  deadlines: Deadlines;
  clock: Clock;
}

/** A request whose body is still to come, or here. */
export interface Coming {
  request: Request;
  headers: Readonly<Record<string, string>>;
  connection: { waits(): void; served(): void };
}

/** What a body can be. */
export type BodyKind = "json" | "form" | "file";

const TYPES: Record<BodyKind, RegExp> = { file: /^application\/(octet-stream|sql|gzip|x-gzip|x-sqlite3|vnd\.sqlite3)\s*(;|$)/i, json: /^(application\/([a-z0-9.+-]*\+)?json|text\/plain)\s*(;|$)/i, form: /^multipart\/form-data\s*(;|$)/i };
const NAMES: Record<BodyKind, string> = { json: "application/json", form: "multipart/form-data", file: "application/octet-stream" };

/**
 * The bytes of a request, at once where they are there. `kinds` says what the route takes, `bytesMax` how much of it; a large body lies in one of `largeBuffers`, or in memory of its own. Throws (or rejects with)
 * GatewayError for type, coding, size and time.
 */
export function readBody({ request, headers, connection }: Coming, kinds: readonly BodyKind[], bytesMax: number, tools: BodyTools, largeBuffers?: LargeBuffers): Buffer | Promise<Buffer> {
  refuseType(headers["content-type"] ?? "", kinds);
  const coding = headers["content-encoding"];
  if (coding !== undefined && coding.toLowerCase() !== "identity") throw new GatewayError("unsupportedEncoding");
  const declared = headers["content-length"];
  if (declared !== undefined && Number(declared) > bytesMax) throw tooLarge(bytesMax);
  const whole: Promise<ArrayBuffer | Buffer> = declared === undefined ? unsized(request, bytesMax) : Number(declared) > GATHERED_BYTES_MAX ? sized(request, Number(declared), largeBuffers) : request.arrayBuffer();
  // A small body came with the head: nothing to wait for, and no deadline to keep.
  if (Bun.peek.status(whole) === "fulfilled") return bufferOf(Bun.peek<ArrayBuffer | Buffer>(whole) as ArrayBuffer | Buffer);
  return inTime(whole, connection, tools);
}

/** The server would close a line on which little comes without a word, before our own time is over. */
async function inTime(whole: Promise<ArrayBuffer | Buffer>, connection: Coming["connection"], { deadlines, clock }: BodyTools): Promise<Buffer> {
  connection.waits();
  let give: (error: GatewayError) => void = () => undefined;
  const late = new Promise<never>((_, reject) => (give = reject));
  const watch = { deadline: clock.monotonic() + BODY_MS_MAX, expired: () => give(new GatewayError("requestTimeout")) };
  deadlines.add(watch);
  try {
    return bufferOf(await Promise.race([whole, late]));
  } catch (error) {
    connection.served();
    if (error instanceof GatewayError) throw error;
    throw new GatewayError("invalidRequest", { publicText: "The request body did not arrive whole.", internalText: String(error) });
  } finally {
    deadlines.remove(watch);
  }
}

/** A JSON body needs no type; a form's names its boundary. */
function refuseType(type: string, kinds: readonly BodyKind[]): void {
  if (type === NAMES.json && kinds.includes("json")) return;
  if (type === "" ? kinds.includes("json") : kinds.some((kind) => TYPES[kind].test(type))) return;
  throw new GatewayError("unsupportedMediaType", { publicText: `Send the body as ${kinds.map((kind) => NAMES[kind]).join(" or ")}.` });
}

const bufferOf = (bytes: ArrayBuffer | Buffer): Buffer => (bytes instanceof ArrayBuffer ? Buffer.from(bytes) : bytes);

/** A body of the size that was declared; the server ends a connection that sends less, and takes no more of it. */
async function sized(request: Request, length: number, buffers: LargeBuffers | undefined): Promise<Buffer> {
  const whole = buffers?.take(length) ?? Buffer.allocUnsafeSlow(length);
  let at = 0;
  for await (const part of request.body ?? []) {
    whole.set(part, at);
    at += part.length;
  }
  if (at < length) throw new Error(`${at} bytes of ${length} came`);
  return whole;
}

async function unsized(request: Request, bytesMax: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  if (!request.body) return Buffer.alloc(0);
  for await (const part of request.body) {
    length += part.length;
    if (length > bytesMax) throw tooLarge(bytesMax);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const tooLarge = (bytesMax: number): GatewayError =>
  new GatewayError("tooLarge", { publicText: `The request body is larger than ${bytesMax / 1024 / 1024} MB.` });
