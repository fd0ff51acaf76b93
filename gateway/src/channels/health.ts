import type { Clock } from "../clock/clock.ts";
import type { FaultKind } from "../vendors/_kit/adapter.ts";

/** Failures in a row that open the circuit of one (channel, credential, model). */
const FAILURES_TO_OPEN = 5;
/** First pause of an open circuit; doubled each time the trial fails, up to the maximum. */
const OPEN_MS_MIN = 5_000;
const OPEN_MS_MAX = 300_000;
/** A 429 without Retry-After pauses the key for this long. */
const RATE_LIMIT_MS = 2_000;
/** A 403 of unknown reason in a row pauses no longer than this, however often the trial fails: a caller's own request may be the reason. */
const DENIED_MS_MAX = OPEN_MS_MIN;
/** No vendor's Retry-After is believed beyond this. */
const RATE_LIMIT_MS_MAX = 600_000;
/** A credential refused as bad or penniless is tried again by one live request after this: accounts do get topped up. */
const CREDENTIAL_OUT_MS = 600_000;
/** A model missing at an account is not asked for again for this long. */
const NO_MODEL_MS = 300_000;
/** A trial that never reported back does not block the circuit forever. */
const TRIAL_MS_MAX = 120_000;

interface Circuit {
  failures: number;
  openUntil: number;
  openMs: number;
  trialSince: number | undefined;
  reason: string;
}

/** A target of which nothing is remembered. */
export const UNWATCHED = "";

export type Availability = { state: "closed" | "trial" } | { state: "open"; retryInMs: number; reason: string };

const CLOSED: Availability = { state: "closed" };

/** Passive health: learns from live traffic only, per credential and per (credential, model). */
export class Health {
  private readonly circuits = new Map<string, Circuit>();

  constructor(private readonly clock: Clock) {}

  /** Whether a target may be tried now. Does not itself start a trial. */
  availability(target: string, model: string): Availability {
    if (this.circuits.size === 0) return CLOSED;
    const now = this.clock.monotonic();
    let answer: Availability = CLOSED;
    for (const key of [target, `${target}\n${model}`]) {
      const circuit = this.circuits.get(key);
      if (!circuit || circuit.openUntil === 0) continue;
      if (circuit.openUntil > now) return { state: "open", retryInMs: circuit.openUntil - now, reason: circuit.reason };
      if (circuit.trialSince !== undefined && now - circuit.trialSince < TRIAL_MS_MAX)
        return { state: "open", retryInMs: 1_000, reason: circuit.reason };
      answer = { state: "trial" };
    }
    return answer;
  }

  /** An attempt begins: on an expired circuit it is the one trial. */
  begin(target: string, model: string): void {
    if (this.circuits.size === 0) return;
    for (const key of [target, `${target}\n${model}`]) {
      const circuit = this.circuits.get(key);
      if (circuit && circuit.openUntil !== 0) circuit.trialSince = this.clock.monotonic();
    }
  }

  /** The attempt succeeded. During a pause that can only be one that began before it, of which streams report at their end: it says nothing of the pause. */
  success(target: string, model: string): void {
    if (this.circuits.size === 0) return;
    const now = this.clock.monotonic();
    for (const key of [target, `${target}\n${model}`]) {
      const circuit = this.circuits.get(key);
      if (circuit && circuit.openUntil <= now) this.circuits.delete(key);
    }
  }

  /** The attempt ended without a word on the target's health (the caller left, the request was at fault). */
  neutral(target: string, model: string): void {
    for (const key of [target, `${target}\n${model}`]) {
      const circuit = this.circuits.get(key);
      if (circuit) circuit.trialSince = undefined;
    }
  }

  /** The attempt failed. `retryAfterMs` is the vendor's own wish. */
  failure(target: string, model: string, kind: FaultKind | "network" | "timeout", retryAfterMs?: number): void {
    if (target === UNWATCHED) return;
    if (kind === "caller") return this.neutral(target, model);
    if (kind === "auth" || kind === "no_balance") return this.open(target, CREDENTIAL_OUT_MS, kind);
    const key = `${target}\n${model}`;
    if (kind === "no_model") return this.open(key, NO_MODEL_MS, kind);
    if (kind === "rate_limited") return this.open(key, Math.min(retryAfterMs ?? RATE_LIMIT_MS, RATE_LIMIT_MS_MAX), kind);
    const circuit = this.circuits.get(key) ?? { failures: 0, openUntil: 0, openMs: OPEN_MS_MIN, trialSince: undefined, reason: kind };
    this.circuits.set(key, circuit);
    circuit.failures += 1;
    const failedTrial = circuit.trialSince !== undefined;
    circuit.trialSince = undefined;
    if (failedTrial) circuit.openMs = Math.min(circuit.openMs * 2, kind === "denied" ? DENIED_MS_MAX : OPEN_MS_MAX);
    if (failedTrial || circuit.failures >= FAILURES_TO_OPEN || retryAfterMs !== undefined) {
      circuit.openUntil = this.clock.monotonic() + Math.min(Math.max(circuit.openMs, retryAfterMs ?? 0), OPEN_MS_MAX);
      circuit.reason = kind;
    }
  }

  /** Forgets everything about a channel (by its id): its settings have changed. */
  forget(channelId: string): void {
    for (const key of this.circuits.keys()) if (key.startsWith(`${channelId}#`)) this.circuits.delete(key);
  }

  /** What is open of one channel (by its id): of a credential, by its position, as a whole (model null) or for one model. */
  circuitsOf(channelId: string): { key: number; model: string | null; reason: string; retryInMs: number }[] {
    const now = this.clock.monotonic();
    return [...this.circuits].flatMap(([target, { openUntil, reason }]) => {
      if (openUntil <= now || !target.startsWith(`${channelId}#`)) return [];
      const [key = "", model] = target.slice(channelId.length + 1).split("\n");
      return [{ key: Number(key), model: model ?? null, reason, retryInMs: Math.ceil(openUntil - now) }];
    });
  }

  /** Open circuits, for metrics and `doctor`. */
  openCircuits(): { target: string; reason: string; retryInMs: number }[] {
    const now = this.clock.monotonic();
    return [...this.circuits]
      .filter(([, circuit]) => circuit.openUntil > now)
      .map(([target, circuit]) => ({ target: target.replace("\n", " "), reason: circuit.reason, retryInMs: circuit.openUntil - now }));
  }

  private open(key: string, ms: number, reason: string): void {
    this.circuits.set(key, { failures: 1, openUntil: this.clock.monotonic() + ms, openMs: OPEN_MS_MIN, trialSince: undefined, reason });
  }
}
