import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import { promisify } from "node:util";
import { ANSWER_BYTES_MAX } from "../egress/upstream.ts";
import { answerHeaders } from "../egress/headers.ts";
import type { AnswerFacts } from "../dialects/canonical/dialect.ts";
import type { MeteredUsage, Usage } from "../dialects/canonical/usage.ts";
import type { Admission } from "./admission.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { AttemptFailed } from "./attempt-failed.ts";
import type { Sent } from "./attempt.ts";
import { refusalOf } from "./refusal.ts";
import type { Bill } from "./bill.ts";
import { giveBackBody } from "./body-over.ts";
import type { RelayCall, RelayServices } from "./call.ts";
import { statusOfHiddenError } from "./hidden-error.ts";
import { withKeptLinks } from "./kept-outputs.ts";
import { pricedUnits } from "./priced-units.ts";
import { translationHeaders } from "./translation.ts";
import { table } from "../table.ts";

/** Decoders of content codings (RFC 9110, 8.4.1); the copy is for the meter, the caller gets the coded bytes. */
const DECODERS: Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>> = table({
  gzip: promisify(gunzip) as never,
  "x-gzip": promisify(gunzip) as never,
  deflate: promisify(inflate) as never,
  br: promisify(brotliDecompress) as never,
  zstd: promisify(zstdDecompress) as never,
});

const NOTHING: MeteredUsage = { usage: {}, estimated: false };

/** A whole answer: read, metered, billed, journalled, then given byte for byte, but for addresses of pictures, which become ours. Throws AttemptFailed while another target may still be tried. */
export async function wholeAnswer(
  call: RelayCall,
  admission: Admission,
  sent: Sent,
  bill: Bill,
  services: RelayServices,
): Promise<Response> {
  const contentType = sent.call.header("content-type") ?? "";
  const body = sent.call.body();
  if (body.length === 0) throw new AttemptFailed("server", "an empty answer", sent.call.status);
  if (!(sent.dialect.takesAnswer?.(contentType) ?? contentType.includes("json"))) throw new AttemptFailed("server", `an answer of type ${contentType || "unknown"}`, sent.call.status);
  const coding = sent.call.header("content-encoding");
  const plain = coding === null || coding === "identity" ? body : await decoded(body, coding);
  let metered: MeteredUsage = NOTHING;
  let parsed: Record<string, unknown> | undefined;
  if (call.endpoint.billable) {
    const facts = sent.dialect.readAnswer(plain, { contentType, facts: admission.facts });
    if (facts.error !== undefined) throw hiddenError(plain, sent, facts.usage);
    parsed = facts.parsed;
    metered = facts.usage
      ? { usage: facts.usage, estimated: false, ...(facts.anomaly === undefined ? {} : { anomaly: facts.anomaly }) }
      : { usage: admission.facts.media?.expected ?? estimatedUsage(admission, facts), estimated: true, exact: admission.facts.media?.exact ?? [] };
    if (facts.drawn) metered = { ...metered, drawn: facts.drawn };
  }
  const { translation } = sent;
  const { observer } = call;
  const translated = translation && inCallersWords(() => ({ text: translation.whole(plain, parsed, metered.usage), headers: translationHeaders(translation, call.ownHeaders) }));
  const own = translated ? translated.text : observer ? plain : body;
  const linked = call.dialect.id === "openai-images" ? await withKeptLinks(plain, sent.target.channel.baseUrl, call, services) : undefined;
  const answer = linked?.body ?? (observer ? observer.whole(typeof own === "string" ? Buffer.from(own) : own) : own);
  bill.firstByteMs = Math.round((services.clock.monotonic() - call.startedAt) * 1000) / 1000;
  bill.note("ok", sent.call.status);
  await bill.close("complete", sent.call.status, metered);
  await observer?.complete();
  giveBackBody(call, sent, bill, services);
  const headers = translated
    ? { ...call.ownHeaders, "content-type": "application/json", ...translated.headers }
    : answerHeaders(sent.call, call.ownHeaders);
  if (observer ?? linked) delete headers["content-encoding"];
  Object.assign(headers, linked?.headers);
  return new Response(answer, { status: sent.call.status, headers });
}

/** What is put into the caller's words. A fault of ours there is no fault of the channel's, and nothing is charged for an answer that nobody gets. */
function inCallersWords<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof AttemptFailed || error instanceof GatewayError) throw error;
    throw new GatewayError("internal", { internalText: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

/** Our own count, where the vendor gave none. What the model has no price for is not counted, unless it has none at all. */
function estimatedUsage({ facts, model }: Admission, { deliveredTokens }: AnswerFacts): Usage {
  const units = pricedUnits(facts, model.compiled);
  const tokens = { input: facts.promptTokens, output: deliveredTokens };
  return units && Object.keys(units).length > 0 && model.compiled?.base.unit.input === undefined ? units : { ...tokens, ...units };
}

/** An error inside a 200 answer means what the same error would mean with its own status. */
function hiddenError(plain: Buffer, sent: Sent, usage: Usage | undefined): AttemptFailed {
  const text = plain.toString("utf8");
  const failure = refusalOf(statusOfHiddenError(text), text, "application/json", sent.target);
  failure.usage = usage;
  return failure;
}

/** A body without its content coding. Rejects with AttemptFailed. */
export async function decoded(body: Buffer, coding: string): Promise<Buffer> {
  const decode = DECODERS[coding.trim().toLowerCase()];
  if (!decode) throw new AttemptFailed("server", `unknown content coding ${coding}`);
  try {
    return await decode(body, { maxOutputLength: ANSWER_BYTES_MAX });
  } catch (error) {
    throw new AttemptFailed("server", `broken ${coding}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
