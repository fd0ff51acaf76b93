import { objectOf, parseJson } from "../dialects/canonical/fields.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { ATTEMPTS_PER_REQUEST_MAX } from "../channels/retry-budget.ts";
import type { Target } from "../channels/plan.ts";
import { JsonScan } from "../dialects/canonical/json-scan.ts";
import { METADATA_HEADER, readMetadata } from "../usage/metadata.ts";
import { VENDORS } from "../vendors/registry.ts";
import type { Pass, Refused } from "../limits/limit-book.ts";
import type { Meter } from "../limits/meter.ts";
import { limitError } from "../limits/refusal.ts";
import type { Hold } from "../wallet/lease-book.ts";
import { type Admission, admit, onTermsOf } from "./admission.ts";
import { type BodyScan, namedModel, scanBody } from "./request-body.ts";
import { finalError, send, type Sent } from "./attempt.ts";
import { type AttemptFailed, failed } from "./attempt-failed.ts";
import { isRefused, passLimits } from "./limited.ts";
import { lostBy } from "./lost.ts";
import { wholeAnswer } from "./answer.ts";
import { Bill, noteRejected } from "./bill.ts";
import type { RelayCall, RelayServices } from "./call.ts";
import { payerOf } from "./payer.ts";
import { captured } from "./captured.ts";
import { convertedAnswer, speaksOtherwise } from "./conversion.ts";
import { estimatedCount, nobodyCounts } from "./count-tokens.ts";
import { streamAnswer } from "./stream.ts";
import { type StreamedAnswer, responseOf, withKeepAlive } from "./streamed-answer.ts";
import { DROPPED_HEADER } from "./translation.ts";

/**
 * Which way a request goes.
 *
 *   admit    is it well-formed, may this key have this model, who could serve it (plan), what may it cost        admission.ts
 *   limits   is there room in all limits that concern it, or refuse with 429                                     limits/
 *   hold     reserve the expected cost on wallet and key, or refuse with 402                                     wallet/
 *   attempt  target after target, each once: send the caller's own bytes; a failure before the first byte
 *            of content moves on, unless the request itself is at fault                                          attempt.ts
 *   answer   whole: metered, billed, journalled, sent                                                            answer.ts
 *            stream: passed on event by event while a meter counts; billed and journalled before the last event  stream.ts
 *
 * Gives the response for the caller; throws GatewayError for the door to render in the caller's dialect. Either way the hold has ended or will
 * with the stream, and the log has its row.
 */
export async function relay(call: RelayCall, services: RelayServices): Promise<Response> {
  let admission: Admission;
  let hold: Hold;
  let pass: Pass | undefined;
  let meters: readonly Meter[] | undefined;
  let model = call.endpoint.model ?? "";
  try {
    const said = call.headers[METADATA_HEADER];
    if (said !== undefined) call.metadata = readMetadata(said);
    const scanning = scanBody(call);
    const scan = scanning instanceof Promise ? await scanning : scanning;
    model ||= namedModel(scan);
    admission = admit(call, scan instanceof JsonScan && call.dialect.id === "openai-responses" ? await remembered(call, scan, services) : scan, services);
    meters = services.limits.of(call.key, admission.terms.group.name, admission.model.id);
    if (meters) pass = await passLimits(call, meters, { requests: 1, ...tokensOf(admission), spendNano: call.key.sandbox ? 0 : admission.expectedNano, concurrent: 1 }, services);
    if (!call.endpoint.billable) hold = { budgets: [], expectedNano: 0, worstNano: 0, open: true };
    else {
      const given = services.wallet.hold(payerOf(call.key), admission.expectedNano, admission.worstNano);
      hold = given instanceof Promise ? await given : given;
    }
  } catch (error) {
    pass?.cancel();
    if (error instanceof GatewayError) noteRejected(call, services, { model, status: error.kind.status, error: error.kind.code, unlogged: meters !== undefined && !pass && !services.limits.refused(call.key.id) });
    throw error;
  }
  const bill = new Bill(call, admission, hold, services);
  if (pass) bill.passes = [pass];
  const given = answered(call, admission, bill, services);
  const answer = call.key.captureDays === undefined ? given : captured(call, given, services);
  if (admission.facts.stream) return withKeepAlive(call, answer, services.keepAliveMs);
  return responseOf(await answer);
}

/** The answer of the first target that gives one. Whatever happens, the bill is closed, now or with the stream. */
const answered = (call: RelayCall, admission: Admission, bill: Bill, services: RelayServices): Promise<Response | StreamedAnswer> =>
  attempts(call, admission, bill, services).catch((error: unknown) => unanswered(call, admission, bill, services, error));

async function unanswered(call: RelayCall, admission: Admission, bill: Bill, services: RelayServices, failure: unknown): Promise<Response> {
  try {
    if (!bill.closed && nobodyCounts(call, admission, failure)) return await estimatedCount(call, admission, bill, services);
    throw failure;
  } catch (error) {
    const status = error instanceof GatewayError ? error.kind.status : 500;
    const code = error instanceof GatewayError ? error.kind.code : "internal_error";
    if (!bill.closed) await bill.close(call.caller.left() ? "client_gone" : "upstream_error", status, { usage: {}, estimated: false }, code);
    throw error;
  }
}

/** The request with what it refers to in its place; its answer is watched from now on (responses/). */
async function remembered(call: RelayCall, scan: JsonScan, services: RelayServices): Promise<BodyScan> {
  const found = await services.memory.begin(call, scan);
  if (!found) return scan;
  call.body = found.body;
  call.observer = found.observer;
  if (found.dropped !== undefined) call.ownHeaders = { ...call.ownHeaders, [DROPPED_HEADER]: found.dropped };
  return scanBody(call);
}

/** Targets in the order of the plan until one answers. */
async function attempts(call: RelayCall, admission: Admission, bill: Bill, services: RelayServices): Promise<Response | StreamedAnswer> {
  const failures: AttemptFailed[] = [];
  let full: Refused | undefined;
  let outChannels: Set<string> | undefined;
  const { health, budget } = services.channels;
  budget.firstAttempt();
  for (const target of admission.plan.targets) {
    // A channel that failed as a whole is not asked again with its next key.
    if (outChannels?.has(target.channel.id)) continue;
    if (failures.length >= ATTEMPTS_PER_REQUEST_MAX || (failures.length > 0 && !budget.retry())) break;
    if (admission.termsOf) onTermsOf(target, admission);
    const room = services.limits.ofChannel(target.channel.name);
    const channelPass = room && (await services.limits.take(room, { requests: 1, ...tokensOf(admission), spendNano: admission.expectedNano, concurrent: 1 }));
    if (channelPass && isRefused(channelPass)) {
      full = channelPass;
      (outChannels ??= new Set()).add(target.channel.id);
      continue;
    }
    if (channelPass) (bill.passes ??= []).push(channelPass);
    health.begin(target.id, admission.healthModel);
    bill.asks(target);
    try {
      const sent = await send(call, admission, target, services);
      const response = await answerOf(sent, call, admission, bill, services);
      // A stream that has begun says nothing yet: its end does (stream.ts).
      if (!(response instanceof Response)) health.neutral(target.id, admission.healthModel);
      else health.success(target.id, admission.healthModel);
      return response;
    } catch (error) {
      const failure = failed(error);
      if (channelPass) {
        bill.passes?.pop();
        channelPass.end({ tokens: 0, spendNano: 0 });
      }
      if (error instanceof GatewayError) {
        health.neutral(target.id, admission.healthModel);
        throw error;
      }
      const lost = lostBy(failure, admission);
      bill.note(failure.kind, failure.status, lost);
      if (failure.kind === "aborted" || failure.kind === "stopping") {
        health.neutral(target.id, admission.healthModel);
        throw failure.kind === "stopping" ? new GatewayError("shuttingDown", { retryAfterSeconds: 1 }) : new GatewayError("callerLeft");
      }
      if (failure.ours) health.neutral(target.id, admission.healthModel);
      else health.failure(target.id, admission.healthModel, failure.kind, failure.retryAfter);
      services.metrics.attemptFailed(target.channel.name, failure.kind, lost?.listPriceNano);
      if (failure.answer) return await refusal(call, failure, failure.answer, bill, isForeignRefusal(call, target, failure.answer.body));
      failures.push(failure);
      if (!failure.ofCredential) (outChannels ??= new Set()).add(target.channel.id);
    }
  }
  // Accounts that were at their limit say more than none at all.
  throw failures.length === 0 && full ? limitError(full) : finalError(failures);
}

function answerOf(sent: Sent, call: RelayCall, admission: Admission, bill: Bill, services: RelayServices): Promise<Response | StreamedAnswer> {
  const { conversion } = sent;
  if (conversion) return convertedAnswer(call, admission, { ...sent, conversion }, bill, services);
  return sent.streamed ? streamAnswer(call, admission, sent, bill, services) : wholeAnswer(call, admission, sent, bill, services);
}

/** The vendor's own refusal of the request itself: its status and body, cleaned of what names our account; its words in the caller's dialect where it speaks another. */
async function refusal(call: RelayCall, failure: AttemptFailed, answer: NonNullable<AttemptFailed["answer"]>, bill: Bill, translated: boolean): Promise<Response> {
  await bill.close("upstream_error", answer.status, { usage: {}, estimated: false }, "vendor_refused");
  const headers = { ...call.ownHeaders, "content-type": "application/json", "x-should-retry": "false" };
  if (!translated && answer.contentType.includes("json")) return new Response(answer.body, { status: answer.status, headers });
  const prose = failure.message !== "" && !/^\s*[<{[]/.test(failure.message);
  const error = new GatewayError(answer.policy ? "contentPolicy" : "invalidRequest", { publicText: prose ? failure.message : "The model's vendor refused the request." });
  return new Response(call.dialect.renderError(error, call.id).body, { status: answer.status, headers });
}

/** Whether a refusal is not in the caller's dialect: the vendor speaks another, or errs in its own way, whose words need not be in the member that all of OpenAI's dialects have for them. */
function isForeignRefusal(call: RelayCall, target: Target, body: string): boolean {
  if (speaksOtherwise(target, call.dialect.id)) return true;
  const errsInItsWay = VENDORS.get(target.channel.vendor)?.ownWay === true || call.dialect.id.startsWith("openai-");
  return errsInItsWay && typeof objectOf(parseJson(body))["error"] !== "object";
}

/** What a call takes of limits of tokens. */
const tokensOf = ({ expectedTokens, facts }: Admission): { tokens: number; leastTokens: number } => ({ tokens: expectedTokens, leastTokens: Math.min(expectedTokens, Math.ceil(facts.promptTokens)) });
