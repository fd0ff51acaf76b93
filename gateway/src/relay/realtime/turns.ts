import { evaluate, type Model } from "../../catalog/index.ts";
import { RATIO_ONE } from "../../catalog/money.ts";
import type { TurnEnd } from "../../dialects/canonical/session.ts";
import type { GatewayError } from "../../errors/gateway-error.ts";
import type { Hold } from "../../wallet/lease-book.ts";
import type { EndReason, RecordAttempt, RecordLine, SettlementRecord } from "../../wallet/record.ts";
import { newRecord, type RecordOf } from "../new-record.ts";
import { payerOf } from "../payer.ts";
import { limitTokens, takeRoom } from "../limited.ts";
import type { Opening, Reserved, SessionCall, SessionServices, TurnCost } from "./session-call.ts";

/** Reserves a turn in the wallet and in the limits of its key, group, model and account (once that is known), or in none. Rejects with GatewayError. */
export async function reserveTurn(call: SessionCall, model: Model, by: { group: string; channel?: string }, cost: TurnCost, services: SessionServices): Promise<Reserved> {
  const own = services.limits.of(call.key, by.group, model.id);
  const ofChannel = by.channel === undefined ? undefined : services.limits.ofChannel(by.channel);
  const meters = own && ofChannel ? [...own, ...ofChannel] : (own ?? ofChannel);
  const pass = meters && (await takeRoom(meters, { requests: 1, tokens: 0, spendNano: call.key.sandbox ? 0 : cost.expectedNano, concurrent: 0 }, services));
  try {
    return { hold: await services.wallet.hold(payerOf(call.key), cost.expectedNano, cost.worstNano), pass };
  } catch (error) {
    pass?.cancel();
    throw error;
  }
}

/** What was reserved for a turn that does not come is free again. */
export function releaseTurn({ hold, pass }: Reserved, services: SessionServices): void {
  services.wallet.release(hold);
  pass?.cancel();
}

interface OpenTurn {
  id: string;
  at: number;
  startedAt: number;
  firstByteMs: number | undefined;
  reserved: Reserved | undefined;
}

/**
 * The money of a session: between turns one hold waits for the next; a turn takes it, and ends it by its charge; then the next is reserved. So a turn is let
 * begin only where its expected cost is reserved, and a wallet that runs dry ends the session between two turns.
 */
export class Turns {
  private readonly open = new Map<string, OpenTurn>();
  private spare: Reserved | undefined;
  private cost: TurnCost;
  private over = false;

  constructor(
    private readonly call: SessionCall,
    private readonly opening: Opening,
    private readonly services: SessionServices,
  ) {
    this.spare = opening.reserved;
    this.cost = opening.cost;
  }

  /** Turns under way. */
  get size(): number {
    return this.open.size;
  }

  /** A turn begins. Gives undefined where its money was reserved, else the asking for it: that rejects with GatewayError. */
  begin(turn: string): Promise<void> | undefined {
    const { clock, newRequestId } = this.services;
    const opened: OpenTurn = { id: newRequestId(), at: clock.now(), startedAt: clock.monotonic(), firstByteMs: undefined, reserved: this.spare };
    this.spare = undefined;
    this.open.set(turn, opened);
    if (opened.reserved) return undefined;
    // Answers beside the conversation may run at once: each needs a hold of its own.
    return this.reserve().then((reserved) => {
      if (this.open.get(turn) === opened && !this.over) opened.reserved = reserved;
      else releaseTurn(reserved, this.services);
    });
  }

  content(turn: string): void {
    const opened = this.open.get(turn);
    if (opened) opened.firstByteMs ??= this.elapsed(opened);
  }

  /** Charges a turn; `why`: our own reason for cutting it. Resolves when the journal has it. Rejects when the journal cannot be written. */
  async end(turn: TurnEnd, end: EndReason, why?: string): Promise<void> {
    const { services } = this;
    const beside = turn.model === undefined ? undefined : services.catalog().find(turn.model);
    const model = turn.model === undefined ? this.opening.model : beside && (this.opening.terms.group.own.get(beside.id) ?? beside);
    const opened = this.open.get(turn.turn) ?? { id: services.newRequestId(), at: services.clock.now(), startedAt: services.clock.monotonic(), firstByteMs: undefined, reserved: undefined };
    this.open.delete(turn.turn);
    const hold = opened.reserved?.hold ?? services.wallet.emptyHold(payerOf(this.call.key));
    const record = { ...this.record(turn, opened, hold, model, end), ...(why === undefined ? {} : { error: why }) };
    try {
      await services.wallet.settle(hold, record);
    } catch (failure) {
      services.wallet.release(hold);
      throw failure;
    } finally {
      opened.reserved?.pass?.end({ tokens: limitTokens(record.usage), spendNano: record.charge });
    }
    services.metrics.requestEnded(record);
    // The next turn reads at least what this one did.
    if (turn.model === undefined) this.cost = { worstNano: Math.max(this.cost.worstNano, record.charge), expectedNano: Math.max(this.opening.cost.expectedNano, record.charge) };
  }

  /** Reserves the next turn, unless that is done or one is under way. Rejects with GatewayError. */
  async renew(): Promise<void> {
    if (this.spare || this.open.size > 0 || this.over) return;
    const reserved = await this.reserve();
    if (this.over || this.spare) releaseTurn(reserved, this.services);
    else this.spare = reserved;
  }

  /** Nothing more will begin: what is reserved for it is free again. Open turns are to be ended by their own. */
  close(): void {
    this.over = true;
    if (this.spare) releaseTurn(this.spare, this.services);
    this.spare = undefined;
    for (const pass of this.opening.passes) pass.end({ tokens: 0, spendNano: 0 });
  }

  private reserve(): Promise<Reserved> {
    const { model, terms, target } = this.opening;
    return reserveTurn(this.call, model, { group: terms.group.name, channel: target.channel.name }, this.cost, this.services);
  }

  private elapsed(opened: OpenTurn): number {
    return rounded(this.services.clock.monotonic() - opened.startedAt);
  }

  private record(turn: TurnEnd, opened: OpenTurn, hold: Hold, model: Model | undefined, end: EndReason): SettlementRecord {
    const { call, opening, services } = this;
    const { metered } = turn;
    const touched = Object.values(metered.usage).some((units) => units > 0);
    const charge = call.key.sandbox || !model?.compiled || !touched ? undefined : evaluate({ prices: model.compiled, usage: metered.usage, groupRatioMicro: opening.terms.group.own.get(model.id) ? RATIO_ONE : opening.terms.group.ratioMicro });
    const unpriced = touched && !call.key.sandbox && !model?.compiled ? `no price for ${turn.model ?? ""}` : undefined;
    const capped = withinHold(charge ? Number(charge.totalNano) : 0, charge?.lines ?? [], metered.estimated, hold);
    const anomaly = [metered.anomaly, capped.anomaly, unpriced].filter((text) => text !== undefined).join("; ");
    return {
      ...newRecord(recordOf(call, services, opened, this.elapsed(opened)), 101, turn.error === undefined ? end : "upstream_error"),
      group: opening.terms.group.name,
      model: model?.id ?? turn.model ?? opening.model.id,
      upstreamModel: turn.model === undefined ? opening.target.upstreamModel : undefined,
      channel: opening.target.channel.name,
      stream: true,
      attempts: opening.attempts,
      usage: metered.usage as Record<string, number>,
      estimated: metered.estimated,
      charge: capped.charge,
      lines: capped.lines,
      priceVersion: charge && opening.priceVersion,
      firstByteMs: opened.firstByteMs,
      error: turn.error,
      anomaly: anomaly || undefined,
    };
  }
}

/** An estimate is never billed above what was held: an error of ours must not cost the caller more than expected. */
function withinHold(charge: number, lines: RecordLine[], estimated: boolean, hold: Hold): { charge: number; lines: RecordLine[]; anomaly?: string } {
  if (!estimated || hold.budgets.length === 0 || charge <= hold.expectedNano) return { charge, lines };
  const excess = charge - hold.expectedNano;
  return {
    charge: hold.expectedNano,
    lines: [...lines, { class: "estimate_cap", units: 1, unitPricePico: "0", ratioMicro: 1_000_000, amountNano: -excess }],
    anomaly: "estimate capped by the hold",
  };
}

const recordOf = ({ key, dialect, address, metadata }: SessionCall, { logAddresses }: SessionServices, { id, at }: { id: string; at: number }, durationMs: number): RecordOf => ({
  id, at, key, dialect: dialect.id, endpoint: dialect.endpoint, durationMs, ip: logAddresses ? address() : undefined, metadata,
});

/** A row for a session that was refused, by us or by every vendor. Costs nothing. */
export function rejectedRow(call: SessionCall, services: SessionServices, what: { model: string; error: GatewayError; attempts: RecordAttempt[] }): void {
  const record: SettlementRecord = {
    ...newRecord(recordOf(call, services, call, rounded(services.clock.monotonic() - call.startedAt)), what.error.kind.status, what.attempts.length > 0 ? "upstream_error" : "rejected"),
    model: what.model, stream: true, error: what.error.kind.code, attempts: what.attempts,
  };
  services.wallet.note(record).catch((failure: unknown) => services.log.error({ error: String(failure), requestId: call.id }, "a refusal could not be journalled"));
  services.metrics.requestEnded(record);
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
