import { type Model, worstCaseNano, quote } from "../../catalog/index.ts";
import { ownNames } from "../../channels/own-names.ts";
import type { Target } from "../../channels/plan.ts";
import { ATTEMPTS_PER_REQUEST_MAX } from "../../channels/retry-budget.ts";
import { retryAfterMs, vendorHeaders } from "../../egress/headers.ts";
import { HandshakeRefused, openWebSocket, type VendorSocket } from "../../egress/websocket.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { redact } from "../../errors/redact.ts";
import { VENDORS } from "../../vendors/registry.ts";
import type { RecordAttempt } from "../../wallet/record.ts";
import { AttemptFailed, failed } from "../attempt-failed.ts";
import { finalError } from "../attempt.ts";
import { refusalOf } from "../refusal.ts";
import { admitModel, planOverGroups, refuseTaskModel, refuseWithoutChannel, type Terms } from "../model-access.ts";
import type { Pass, Refused } from "../../limits/limit-book.ts";
import { limitError } from "../../limits/refusal.ts";
import { isRefused, takeRoom } from "../limited.ts";
import { HANDSHAKE_MS_MAX, TURN_OUTPUT_TOKENS, TURN_PROMPT_TOKENS } from "./limits.ts";
import type { Opening, Reserved, SessionCall, SessionServices, TurnCost } from "./session-call.ts";
import { rejectedRow, releaseTurn, reserveTurn } from "./turns.ts";

/** Admits a session, reserves its first turn and opens a vendor's socket. Throws GatewayError; then nothing is left open, and the log has its row. */
export async function openSession(call: SessionCall, asked: string, services: SessionServices): Promise<Opening> {
  const attempts: RecordAttempt[] = [];
  let reserved: Reserved | undefined;
  let pass: Pass | undefined;
  let modelId = asked.slice(0, 200);
  try {
    const admitted = admitModel(call.key, asked, services);
    const { model, priceVersion } = admitted;
    refuseTaskModel(model);
    modelId = model.id;
    const { plan, termsOf, first } = planOverGroups(admitted, (group) =>
      services.channels.plan({ model: model.id, healthModel: healthModel(model, call), vendor: model.vendor, own: model.own, dialect: call.dialect.id, group, sandbox: call.key.sandbox }),
    );
    refuseWithoutChannel(plan, model, call.key, call.dialect.id, services);
    // The dearest of the groups that may serve: which one does is known when a vendor has opened.
    const cost = dearest((termsOf ? [...new Set(termsOf.values())] : [first]).map(turnCost));
    const meters = services.limits.of(call.key, first.group.name, model.id);
    pass = meters && (await takeRoom(meters, { requests: 0, tokens: 0, spendNano: 0, concurrent: 1 }, services));
    reserved = await reserveTurn(call, model, { group: first.group.name }, cost, services);
    const { target, socket, place } = await connect(call, model, asked, plan.targets, attempts, services);
    const terms = termsOf?.get(target) ?? first;
    return { model: terms.model, terms, priceVersion, asked, cost, reserved, passes: [pass, place].filter((one) => one !== undefined), target, socket, attempts };
  } catch (thrown) {
    if (reserved) releaseTurn(reserved, services);
    pass?.cancel();
    if (thrown instanceof GatewayError) rejectedRow(call, services, { model: modelId, error: thrown, attempts });
    throw thrown;
  }
}

/** A model without a vendor's sessions says nothing about its answers, and the other way round. */
export const healthModel = (model: Model, call: SessionCall): string => `${model.id} ${call.dialect.endpoint}`;

/** A turn reads the whole conversation again, so at worst the whole context. Throws GatewayError modelPrice. */
function turnCost({ model, ratioMicro: groupRatioMicro }: Terms): TurnCost {
  const { compiled: prices } = model;
  if (!prices) throw new GatewayError("modelPrice", { publicText: `The model "${model.id}" has no price yet, so it cannot be called.`, param: "model" });
  const expected = quote({ prices, promptTokens: TURN_PROMPT_TOKENS, outputTokens: 0, groupRatioMicro, requests: 0 }).totalNano + worstCaseNano({ prices, promptTokens: 0, outputTokens: TURN_OUTPUT_TOKENS, groupRatioMicro });
  const worst = worstCaseNano({ prices, promptTokens: model.contextTokens, outputTokens: model.maxOutputTokens, groupRatioMicro });
  return { expectedNano: Number(expected), worstNano: Number(worst > expected ? worst : expected) };
}

const dearest = (costs: readonly TurnCost[]): TurnCost => ({ expectedNano: Math.max(...costs.map((cost) => cost.expectedNano)), worstNano: Math.max(...costs.map((cost) => cost.worstNano)) });

/** Targets in the order of the plan until one opens. */
async function connect(call: SessionCall, model: Model, asked: string, targets: readonly Target[], attempts: RecordAttempt[], services: SessionServices): Promise<{ target: Target; socket: VendorSocket; place: Pass | undefined }> {
  const { health, budget } = services.channels;
  const failures: AttemptFailed[] = [];
  let full: Refused | undefined;
  const outChannels = new Set<string>();
  const name = healthModel(model, call);
  budget.firstAttempt();
  for (const target of targets) {
    if (outChannels.has(target.channel.id)) continue;
    if (failures.length >= ATTEMPTS_PER_REQUEST_MAX || (failures.length > 0 && !budget.retry())) break;
    const room = services.limits.ofChannel(target.channel.name);
    const place = room && (await services.limits.take(room, { requests: 1, tokens: 0, spendNano: 0, concurrent: 1 }));
    if (place && isRefused(place)) {
      full = place;
      outChannels.add(target.channel.id);
      continue;
    }
    const startedAt = services.clock.monotonic();
    const note = (outcome: string, status?: number): void => {
      const ms = Math.round((services.clock.monotonic() - startedAt) * 1000) / 1000;
      attempts.push({ channel: target.channel.name, key: target.key, outcome, ms, ...(status === undefined ? {} : { status }) });
    };
    health.begin(target.id, name);
    try {
      const socket = await dial(call, target, upstreamName(model, asked, target), services);
      note("ok", 101);
      health.success(target.id, name);
      return { target, socket, place };
    } catch (error) {
      place?.end({ tokens: 0, spendNano: 0 });
      const failure = failed(error);
      note(failure.kind, failure.status);
      if (failure.kind !== "aborted" && failure.kind !== "stopping") health.failure(target.id, name, failure.kind, failure.retryAfter);
      services.metrics.attemptFailed(target.channel.name, failure.kind);
      if (failure.answer) throw new GatewayError("invalidRequest", { publicText: failure.message || "The model's vendor refused the session." });
      failures.push(failure);
      if (!failure.ofCredential) outChannels.add(target.channel.id);
    }
  }
  throw failures.length === 0 && full ? limitError(full) : finalError(failures);
}

/** The mapped name, or exactly what the caller wrote when nothing is mapped. */
export const upstreamName = (model: Model, asked: string, target: Target): string => (target.upstreamModel === model.id ? asked : target.upstreamModel);

async function dial(call: SessionCall, target: Target, upstream: string, services: SessionServices): Promise<VendorSocket> {
  const vendor = VENDORS.get(target.channel.vendor);
  if (!vendor?.session) throw new AttemptFailed("server", `no sessions at vendor ${target.channel.vendor}`);
  if (target.channel.proxy !== undefined) throw new AttemptFailed("network", "a channel behind a proxy carries no sessions");
  const headers = vendorHeaders(call.headers, target.channel.simulated);
  vendor.authorize(headers, target.channel.credentials[target.key] ?? "");
  try {
    return await openWebSocket({ url: vendor.session.address(target.channel.baseUrl, upstream), headers, handshakeMs: Math.min(target.channel.timeouts.firstByteMs, HANDSHAKE_MS_MAX) });
  } catch (error) {
    if (!(error instanceof HandshakeRefused)) throw new AttemptFailed(failed(error).kind, redact(failed(error).message, ownNames(target.channel)));
    throw refusalOf(error.status, error.body, error.header("content-type") ?? "", target, retryAfterMs(error.header, services.clock.now()));
  }
}
