import type { Clock } from "../clock/clock.ts";
import { MinuteTally } from "./failure-throttle.ts";
import type { LimitBook, Pass, Refused } from "./limit-book.ts";
import { Meter } from "./meter.ts";
import { type Demand, EVERYONE, LIMIT_KINDS, type LimitRule, type LimitScope } from "./rule.ts";

/** Meters that nobody has used for a minute are forgotten this often (ms): one of each key that ever called would stay for ever. */
const SWEEP_MS = 60_000;
/** Refusals of one key in a minute that stand in the log one by one: a client that does not listen must not fill the disk. */
const LOGGED_REFUSALS_MAX = 100;
const NO_METERS: readonly Meter[] = [];

/** Where rules come from. */
export interface RuleSource {
  all(): Promise<{ id: number; rule: LimitRule }[]>;
  one(id: number): Promise<LimitRule | undefined>;
}

/** Who wants something, as a key's record says. */
export interface LimitedCaller {
  id: number;
  userId: number;
  organisation?: number | undefined;
}

interface ScopeRules {
  rules: Map<string, LimitRule>;
  /** of keys' owners */
  own: Map<string, LimitRule>;
  /** meters of the subjects that were asked for */
  meters: Map<string, readonly Meter[]>;
}

/** All limits in memory, and what is left of them. Where no rule is, `of` and `ofChannel` give undefined at once. */
export class Limits {
  private readonly scopes = new Map<LimitScope, ScopeRules>();
  private rulesById = new Map<number, LimitRule>();
  private readonly meters = new Map<string, Meter>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly refusals: MinuteTally;

  constructor(
    private readonly source: RuleSource,
    readonly book: LimitBook,
    clock: Clock,
  ) {
    this.refusals = new MinuteTally(clock, LOGGED_REFUSALS_MAX);
  }

  /** Reads all rules again. */
  async load(): Promise<void> {
    this.rulesById = new Map((await this.source.all()).map(({ id, rule }) => [id, rule]));
    this.rebuild();
  }

  /** A rule was made, changed or deleted. */
  async changed(id: number): Promise<void> {
    const rule = await this.source.one(id);
    if (rule) this.rulesById.set(id, rule);
    else this.rulesById.delete(id);
    this.rebuild();
  }

  start(): void {
    this.timer = setInterval(() => this.sweep(), SWEEP_MS);
    this.book.shared.start();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.book.shared.stop();
  }

  /** Meters of a caller's request for a model; undefined when nothing limits it. */
  of(caller: LimitedCaller, group: string, model: string): readonly Meter[] | undefined {
    if (this.scopes.size === 0) return undefined;
    const all = [...this.ofKey(caller), ...this.subject("group", group), ...this.subject("model", model)];
    return all.length > 0 ? all : undefined;
  }

  /** Meters of an upstream account; undefined when nothing limits it. */
  ofChannel(name: string): readonly Meter[] | undefined {
    if (this.scopes.size === 0) return undefined;
    const meters = this.subject("channel", name);
    return meters.length > 0 ? meters : undefined;
  }

  take(meters: readonly Meter[], demand: Demand): Pass | Refused | Promise<Pass | Refused> {
    return this.book.take(meters, demand);
  }

  /** A request of a key was refused. Gives whether the log needs it. */
  refused(keyId: number): boolean {
    return this.refusals.add(String(keyId)) === undefined;
  }

  private ofKey({ id, userId, organisation }: LimitedCaller): Meter[] {
    return [...this.subject("key", String(id)), ...this.subject("user", String(userId)), ...(organisation === undefined ? NO_METERS : this.subject("organisation", String(organisation)))];
  }

  private subject(scope: LimitScope, subject: string): readonly Meter[] {
    const known = this.scopes.get(scope);
    if (!known) return NO_METERS;
    let meters = known.meters.get(subject);
    if (!meters) {
      const rules = [known.rules.get(subject) ?? known.rules.get(EVERYONE), known.own.get(subject)];
      meters = LIMIT_KINDS.flatMap((kind) => {
        const max = Math.min(...rules.flatMap((rule) => rule?.max[kind] ?? []));
        return Number.isFinite(max) ? [this.meter(scope, subject, kind, max)] : [];
      });
      known.meters.set(subject, meters);
    }
    return meters;
  }

  private meter(scope: LimitScope, subject: string, kind: Meter["kind"], max: number): Meter {
    const made = new Meter(scope, subject, kind, max);
    const meter = this.meters.get(made.name) ?? made;
    meter.max = max;
    this.meters.set(meter.name, meter);
    return meter;
  }

  private rebuild(): void {
    this.scopes.clear();
    for (const rule of this.rulesById.values()) {
      const known = this.scopes.get(rule.scope) ?? { rules: new Map<string, LimitRule>(), own: new Map<string, LimitRule>(), meters: new Map<string, readonly Meter[]>() };
      (rule.own === true ? known.own : known.rules).set(rule.subject, rule);
      this.scopes.set(rule.scope, known);
    }
  }

  private sweep(): void {
    const at = this.book.moment();
    for (const [name, meter] of this.meters) if (meter.isIdle(at)) this.meters.delete(name);
    // Asked for anew they are found among those that are left.
    for (const scope of this.scopes.values()) scope.meters.clear();
  }
}
