import { type ChargeLine, evaluate } from "../catalog/index.ts";
import { completionTokens, type MeteredUsage, promptTokens, type UsageClass } from "../dialects/canonical/usage.ts";
import type { Target } from "../channels/plan.ts";
import type { Pass } from "../limits/limit-book.ts";
import type { Hold } from "../wallet/lease-book.ts";
import type { EndReason, RecordAttempt } from "../wallet/record.ts";
import type { Admission } from "./admission.ts";
import type { RelayCall, RelayServices } from "./call.ts";
import { limitTokens } from "./limited.ts";
import type { Lost } from "./lost.ts";
import { drawnCharge } from "./drawn.ts";
import { newRecord, type RecordOf } from "./new-record.ts";

/**
 * The most that an estimate may cost. For a complete answer whose vendor told nothing: what was held, since an error of ours must not cost the caller more than expected. For a stream that broke or whose
 * caller left: the worst case of the request, since what was counted there was demonstrably delivered, and leaving early must not be a way to pay less.
 */
const capOf = (end: EndReason, hold: Hold): number => (hold.budgets.length === 0 ? Number.POSITIVE_INFINITY : end === "complete" ? hold.expectedNano : Math.max(hold.worstNano, hold.expectedNano));

/** A report beyond this many times what the model can read or write is none: a fault of the vendor's must not empty a wallet. */
const ABSURD_FACTOR = 4;

/** The vendor's report, or, where it is absurd, as much of it as the model can do: an estimate, and marked as one. */
function plausible(metered: MeteredUsage, { facts, model }: Admission): MeteredUsage {
  if (metered.estimated || facts.media) return metered;
  const read = model.contextTokens * (facts.inputs ?? 1);
  const written = Math.max(model.maxOutputTokens, 1) * facts.choices;
  if (promptTokens(metered.usage) <= read * ABSURD_FACTOR && completionTokens(metered.usage) <= written * ABSURD_FACTOR) return metered;
  const usage = { ...metered.usage, input: Math.min(facts.promptTokens, read), output: Math.min(metered.usage.output ?? 0, written) };
  for (const name of ["cacheRead", "cacheReadAudio", "cacheReadImage", "cacheWrite", "cacheWriteHour", "inputAudio", "inputImage", "reasoning", "outputAudio", "outputImage"] as const) delete usage[name];
  return { usage, estimated: true, anomaly: `the vendor reported ${promptTokens(metered.usage)} tokens read and ${completionTokens(metered.usage)} written` };
}

/** Whether the charge rests on an estimate: not where all that is paid for was counted exactly. */
function isEstimated(metered: MeteredUsage, lines: readonly ChargeLine[]): boolean {
  if (!metered.estimated || lines.length === 0) return metered.estimated;
  return lines.some((line) => line.class !== "request" && !metered.exact?.includes(line.class as UsageClass));
}

/** A media call's report that misses what the model's price counts (pictures of a model that is paid by the token) is filled up with what was expected of the call. */
function completed(metered: MeteredUsage, { facts, model, terms }: Admission): MeteredUsage {
  const { media } = facts;
  if (!media || !model.compiled || metered.estimated || Object.keys(metered.usage).length === 0) return metered;
  const { lines } = evaluate({ prices: model.compiled, usage: metered.usage, groupRatioMicro: terms.ratioMicro, options: media.options });
  if (lines.some((line) => line.unpriced !== true)) return metered;
  return { ...metered, usage: { ...media.expected, ...metered.usage }, estimated: true, exact: media.exact };
}

/** The open bill of one request: ends once, by `close`, with the row that the journal keeps. */
export class Bill {
  closed = false;
  firstByteMs: number | undefined;
  attempts: RecordAttempt[] = [];
  /** what it has taken of limits */
  passes: Pass[] | undefined;
  /** whom the last attempt was with */
  private asked: Target | undefined;
  /** monotonic milliseconds at which it began */
  private askedAt = 0;

  constructor(
    private readonly call: RelayCall,
    private readonly admission: Admission,
    readonly hold: Hold,
    private readonly services: RelayServices,
  ) {}

  /** An attempt begins. */
  asks(target: Target): void {
    this.asked = target;
    this.askedAt = this.services.clock.monotonic();
  }

  /** What has become of the attempt. */
  note(outcome: string, status?: number, lost?: Lost): void {
    const { asked } = this;
    if (!asked) return;
    const attempt: RecordAttempt = { channel: asked.channel.name, key: asked.key, outcome, ms: round(this.services.clock.monotonic() - this.askedAt) };
    if (status !== undefined) attempt.status = status;
    this.attempts.push(lost ? { ...attempt, ...lost } : attempt);
  }

  /** Charges, journals, ends the hold; resolves when the journal has it. What has been closed stays closed. Rejects when the journal cannot be written. */
  async close(end: EndReason, status: number, reported: MeteredUsage, error?: string): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.call.caller.served();
    const { call, admission, services } = this;
    const metered = plausible(completed(reported, admission), admission);
    const free = call.key.sandbox || !call.endpoint.billable;
    const compiled = admission.model.compiled;
    const options = metered.options ? { ...admission.facts.media?.options, ...metered.options } : admission.facts.media?.options;
    const touched = end === "complete" || Object.values(metered.usage).some((units) => units > 0);
    const charge =
      free || !compiled || !touched
        ? undefined
        : evaluate({ prices: compiled, usage: metered.usage, groupRatioMicro: admission.terms.ratioMicro, options });
    const drawn = charge && reported.drawn ? drawnCharge(reported.drawn, admission, services) : undefined;
    let lines = [...(charge?.lines ?? []), ...(drawn?.lines ?? [])];
    let chargeNano = Number((charge?.totalNano ?? 0n) + (drawn?.totalNano ?? 0n));
    let anomaly = metered.anomaly;
    const estimated = isEstimated(metered, lines);
    const cap = capOf(end, this.hold);
    if (estimated && chargeNano > cap) {
      const excess = chargeNano - cap;
      lines = [...lines, { class: "estimate_cap", units: 1, unitPricePico: "0", ratioMicro: 1_000_000, amountNano: -excess }];
      chargeNano = cap;
      anomaly = `${anomaly ? `${anomaly}; ` : ""}estimate capped by the hold`;
    }
    const record = newRecord(recordOf(call, services), status, end);
    record.group = admission.terms.group.name;
    record.model = admission.model.id;
    record.stream = admission.facts.stream;
    record.attempts = this.attempts;
    record.usage = metered.usage as Record<string, number>;
    record.estimated = estimated;
    record.charge = chargeNano;
    record.lines = lines;
    if (charge) record.priceVersion = admission.priceVersion;
    record.channel = this.asked?.channel.name;
    record.upstreamModel = this.asked?.upstreamModel;
    record.firstByteMs = this.firstByteMs;
    record.error = error;
    record.anomaly = anomaly;
    try {
      await services.wallet.settle(this.hold, record);
    } catch (failure) {
      services.wallet.release(this.hold);
      throw failure;
    } finally {
      if (this.passes) for (const pass of this.passes) pass.end({ tokens: limitTokens(record.usage), spendNano: chargeNano });
    }
    services.metrics.requestEnded(record);
  }
}

/** A row for a request that was refused before a hold was taken. `unlogged`: it is only counted. */
export function noteRejected(call: RelayCall, services: RelayServices, what: { model: string; status: number; error: string; unlogged?: boolean }): void {
  const record = newRecord(recordOf(call, services), what.status, "rejected");
  record.model = what.model;
  record.error = what.error;
  if (what.unlogged !== true) services.wallet.note(record).catch((failure: unknown) => services.log.error({ error: String(failure), requestId: call.id }, "a refusal could not be journalled"));
  services.metrics.requestEnded(record);
}

const recordOf = (call: RelayCall, services: RelayServices): RecordOf => ({
  id: call.id,
  at: call.at,
  key: call.key,
  dialect: call.dialect.id,
  endpoint: call.endpoint.name,
  durationMs: round(services.clock.monotonic() - call.startedAt),
  ip: services.logAddresses ? call.caller.address() : undefined,
  metadata: call.metadata,
});

const round = (ms: number): number => Math.round(ms * 1000) / 1000;
