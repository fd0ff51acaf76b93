import { AssetError } from "../assets/storage.ts";
import { isConverted } from "../vendors/_kit/adapter.ts";
import { VENDORS } from "../vendors/registry.ts";
import type { Target } from "../channels/plan.ts";
import type { DialectId } from "../dialects/canonical/dialect.ts";
import type { BodyPieces } from "../dialects/canonical/body-pieces.ts";
import { FormScan } from "../dialects/canonical/form-scan.ts";
import type { ImagesAnswer, ImagesRequest, MediaCall, MediaRefusal, SpeechAnswer, SpeechRequest } from "../dialects/canonical/media-call.ts";
import type { MeteredUsage } from "../dialects/canonical/usage.ts";
import { decodeImages, decodeImagesForm, encodeImageEvents, encodeImages, type KeptPicture } from "../dialects/openai-images/images-form.ts";
import { decodeSpeech, encodeSpeech } from "../dialects/openai-speech/speech-form.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { Admission } from "./admission.ts";
import { AttemptFailed } from "./attempt-failed.ts";
import type { Sent } from "./attempt.ts";
import { givenPictures, refuseInside } from "./given-inputs.ts";
import { keepPicture, ownUrl } from "./kept-outputs.ts";
import { refusalOf } from "./refusal.ts";
import type { Bill } from "./bill.ts";
import type { RelayCall, RelayServices } from "./call.ts";
import { type LiftedBody, liftedBody, newStandIns } from "./lifted-body.ts";
import type { StreamedAnswer } from "./streamed-answer.ts";
import { parsedBody } from "./translate-request.ts";
import { refuseDropped, translationHeaders } from "./translation.ts";

/** A call of OpenAI's media endpoints in the words of a vendor that has its own, and the bytes of its body. */
export type Conversion = Omit<MediaCall<SpeechAnswer | ImagesAnswer>, "body"> & { body: Buffer | BodyPieces };

/** Whether a target's vendor speaks another language than the caller. */
export function speaksOtherwise(target: Target, dialect: DialectId): boolean {
  const vendor = VENDORS.get(target.channel.vendor);
  return target.dialect !== dialect || (vendor !== undefined && isConverted(vendor, dialect));
}

/** Whether a target's vendor has words of its own for this call. */
export function wantsConversion(call: RelayCall, target: Target): boolean {
  const vendor = VENDORS.get(target.channel.vendor);
  return vendor !== undefined && isConverted(vendor, call.dialect.id);
}

/** The request in the vendor's words. Rejects with GatewayError for what it cannot be asked. */
export async function conversionFor(call: RelayCall, admission: Admission, target: Target, services: RelayServices): Promise<Conversion> {
  const { scan } = admission;
  const form = scan instanceof FormScan;
  const { text, standIns = newStandIns() }: LiftedBody = form ? { text: "{}" } : await liftedBody(call, scan);
  const request = requestOf(call, admission, parsedBody(text), (file) => standIns.ofFile(file));
  if ("pictures" in request) await refuseInside(givenPictures(request, form ? undefined : scan), ownUrl(call, services), (address) => services.fetcher.refusePrivate(address));
  const converted = inVendorsWords(call, target, request);
  refuseDropped(call, admission.model, converted.dropped);
  const body = standIns.restore(Buffer.from(JSON.stringify(converted.body)));
  if (body) return { ...converted, body };
  // The adapter looked into what was left out.
  const whole = inVendorsWords(call, target, requestOf(call, admission, parsedBody(form ? "{}" : call.body.toString("utf8")), (file) => file.toString("base64")));
  return { ...whole, body: Buffer.from(JSON.stringify(whole.body)) };
}

/** What the caller wants, in nobody's words. `base64`: how a form's file is written into JSON. Throws GatewayError. */
function requestOf(call: RelayCall, { scan }: Admission, body: Record<string, unknown>, base64: (bytes: Buffer) => string): SpeechRequest | ImagesRequest {
  if (call.dialect.id === "openai-speech") return decodeSpeech(body);
  return scan instanceof FormScan ? decodeImagesForm(scan, base64) : decodeImages(body);
}

function inVendorsWords(call: RelayCall, target: Target, request: SpeechRequest | ImagesRequest): MediaCall<SpeechAnswer | ImagesAnswer> {
  const vendor = VENDORS.get(target.channel.vendor);
  const converted = "pictures" in request ? vendor?.images?.(request, target.upstreamModel, target.channel.baseUrl) : vendor?.speech?.(request, target.upstreamModel);
  if (!converted) throw new GatewayError("internal", { internalText: `${target.channel.vendor} has no words for ${call.dialect.id}` });
  return converted;
}

/** A vendor's whole answer: read, metered, billed, journalled, then given in OpenAI's form. Throws AttemptFailed while another target may still be tried. */
export async function convertedAnswer(
  call: RelayCall,
  admission: Admission,
  sent: Sent & { conversion: Conversion },
  bill: Bill,
  services: RelayServices,
): Promise<Response | StreamedAnswer> {
  const answer = read(sent);
  const { facts } = admission;
  const metered = meteredOf(answer, admission);
  const made = answer.kind === "speech" ? encodeSpeech(answer, facts.stream, metered.usage) : await picturesFor(call, admission, answer, services);
  const headers = { ...call.ownHeaders, "content-type": made.contentType, ...translationHeaders(sent.conversion, call.ownHeaders) };
  bill.firstByteMs = Math.round((services.clock.monotonic() - call.startedAt) * 1000) / 1000;
  bill.note("ok", sent.call.status);
  await bill.close("complete", 200, metered);
  return facts.stream ? atOnce(headers, made.body) : new Response(new Uint8Array(made.body), { headers });
}

function read(sent: Sent & { conversion: Conversion }): SpeechAnswer | ImagesAnswer {
  const { call, conversion, target } = sent;
  const [body, contentType] = [call.body(), call.header("content-type") ?? ""];
  if (body.length === 0) throw new AttemptFailed("server", "an empty answer", call.status);
  let answer: SpeechAnswer | ImagesAnswer | MediaRefusal;
  try {
    answer = conversion.read({ body, contentType });
  } catch (error) {
    throw new AttemptFailed("server", error instanceof Error ? error.message : String(error), call.status);
  }
  if (answer.kind !== "refused") return answer;
  const refused = refusalOf(answer.status, answer.body, "application/json", target);
  if (answer.policy) throw new GatewayError("contentPolicy", { publicText: refused.message });
  throw refused;
}

/** The vendor's report, and the characters that we sent; what it did not report is what was expected of the call. */
function meteredOf(answer: SpeechAnswer | ImagesAnswer, { facts }: Admission): MeteredUsage {
  const { expected = {}, exact = [] } = facts.media ?? {};
  if (answer.usage) return { usage: { ...(expected.characters === undefined ? {} : { characters: expected.characters }), ...answer.usage }, estimated: false, ...(answer.kind === "images" && answer.options ? { options: answer.options } : {}) };
  return { usage: expected, estimated: true, exact };
}

/** Pictures as the caller wants them: addresses of kept files (the default of the DALL-E form), base64, or events. */
async function picturesFor(call: RelayCall, { facts, scan }: Admission, answer: ImagesAnswer, services: RelayServices): Promise<{ body: Buffer; contentType: string }> {
  const nowSeconds = Math.floor(services.clock.now() / 1000);
  if (facts.stream) return { body: encodeImageEvents(answer, call.endpoint.name === "image_edits", nowSeconds), contentType: "text/event-stream; charset=utf-8" };
  const kept = scan.value("response_format") === "b64_json" ? undefined : await keep(call, answer, services);
  return { body: encodeImages(answer, kept, nowSeconds), contentType: "application/json" };
}

/** Keeps the pictures; undefined where that fails: they are made and paid for, so the caller gets them in the answer itself. */
async function keep(call: RelayCall, answer: ImagesAnswer, services: RelayServices): Promise<KeptPicture[] | undefined> {
  const kept: KeptPicture[] = [];
  try {
    for (const { base64, contentType } of answer.pictures) kept.push(await keepPicture(call, Buffer.from(base64, "base64"), contentType, services));
    return kept;
  } catch (error) {
    if (!(error instanceof AssetError)) throw error;
    services.log.error({ requestId: call.id, error: `${error.reason}: ${error.message}` }, "an output could not be kept");
    return undefined;
  }
}

/** Events of an answer that is whole already. */
function atOnce(headers: Record<string, string>, body: Buffer): StreamedAnswer {
  return {
    status: 200,
    headers: { ...headers, "cache-control": "no-cache", "x-accel-buffering": "no" },
    async run(sink) {
      await sink.write(body);
      await sink.flush();
      sink.close();
    },
    callerLeft: () => undefined,
  };
}
