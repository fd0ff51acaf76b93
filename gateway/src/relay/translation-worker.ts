import type { MediaSource } from "../dialects/canonical/media.ts";
import { mediaToResolve, type RemoteMedia, withMedia } from "../dialects/canonical/remote-media.ts";
import type { CanonicalRequest } from "../dialects/canonical/request.ts";
import { NEEDS_BYTES } from "../dialects/registry.ts";
import type { ErrorName } from "../errors/catalogue.ts";
import { asGatewayError } from "../errors/gateway-error.ts";
import type { WorkerCall, WorkerReply } from "../workers/lone-worker.ts";
import { parsedBody, readRequest, type Reading, type Speaking, writeRequest } from "./translate-request.ts";

/** Runs in a Worker of its own: a body of 10 MB takes some tenths of a second to be parsed, translated and written. */

/** One body to be translated, whole: nothing is kept between jobs. */
export interface TranslationJob {
  /** the body's JSON in UTF-8 */
  text: Uint8Array;
  reading: Reading;
  speaking: Speaking;
  /** sources of media that the vendor does not fetch itself, by `remoteMediaKey` */
  media: ReadonlyMap<string, MediaSource>;
}

/** What came of it: words, or first the files that are wanted for them, or a GatewayError in pieces. */
export type TranslationResult =
  | { json: Uint8Array; dropped: string[]; answerable: unknown }
  | { wanted: RemoteMedia[] }
  | { error: { name: ErrorName; publicText: string; internalText: string; param: string | null } };

declare const self: { onmessage: (event: { data: WorkerCall<TranslationJob> }) => void; postMessage(reply: WorkerReply<TranslationResult>, transfer?: ArrayBuffer[]): void };

function translate({ text, reading, speaking, media }: TranslationJob): TranslationResult {
  let request = readRequest(parsedBody(Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString("utf8")), reading);
  const needsBytes = NEEDS_BYTES[speaking.vendor];
  if (needsBytes) {
    request = withMedia(request as CanonicalRequest, media);
    const wanted = mediaToResolve(request as CanonicalRequest, needsBytes, speaking.target.traits);
    if (wanted.length > 0) return { wanted };
  }
  const { json, dropped, answerable } = writeRequest(request, speaking);
  return { json: new Uint8Array(json), dropped, answerable };
}

self.onmessage = ({ data: { id, job } }) => {
  let result: TranslationResult;
  try {
    result = translate(job);
  } catch (thrown) {
    const { gatewayErrorName, publicText, internalText, param } = asGatewayError(thrown);
    result = { error: { name: gatewayErrorName, publicText, internalText, param } };
  }
  self.postMessage({ id, result }, "json" in result ? [result.json.buffer as ArrayBuffer] : []);
};
