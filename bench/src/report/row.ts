import { median } from "../measure/statistics.ts";
import { BARE, GATEWAY } from "../targets/target.ts";

/** What the gateway's column of a row must fulfil. */
export interface Goal {
  text: string;
  /** undefined: cannot be told, because something was not measured */
  met(row: Row): boolean | undefined;
}

/** One line of the table: one measure, by target, once per round. */
export class Row {
  readonly scenario: string;
  /** what is measured, with its unit */
  readonly measure: string;
  readonly goal: Goal | undefined;
  /** whether dividing by the bare proxy's value means something */
  readonly comparable: boolean;
  readonly #values = new Map<string, number[]>();

  constructor(
    scenario: string,
    measure: string,
    options: { goal?: Goal; comparable?: boolean } = {},
  ) {
    this.scenario = scenario;
    this.measure = measure;
    this.goal = options.goal;
    this.comparable = options.comparable ?? true;
  }

  /** Records the value of a target's next round; NaN: it could not be measured. */
  record(target: string, value: number): void {
    this.#values.set(target, [...this.rounds(target), value]);
  }

  /** A target's values, by round. */
  rounds(target: string): number[] {
    return this.#values.get(target) ?? [];
  }

  /** A target's values without the rounds that failed. */
  valid(target: string): number[] {
    return this.rounds(target).filter((value) => !Number.isNaN(value));
  }

  /** A target's median over the rounds. */
  median(target: string): number | undefined {
    const valid = this.valid(target);
    return valid.length === 0 ? undefined : median(valid);
  }

  /** A target's value over the bare proxy's, by round: both were measured shortly after each other. */
  ratios(target: string): number[] {
    const bare = this.rounds(BARE);
    return this.rounds(target)
      .map((value, round) => value / (bare[round] ?? Number.NaN))
      .filter((ratio) => Number.isFinite(ratio));
  }

  /** The targets with values. */
  targets(): string[] {
    return [...this.#values.keys()];
  }

  /** Everything recorded, for the raw data. */
  toJSON(): object {
    const { scenario, measure } = this;
    return {
      scenario,
      measure,
      goal: this.goal?.text,
      met: this.goal?.met(this),
      rounds: Object.fromEntries(this.#values),
    };
  }
}

/** The gateway's value may be at most `limit`. */
export const atMost = (limit: number, unit: string): Goal => ({
  text: `≤ ${limit} ${unit}`.trim(),
  met: (row) => {
    const value = row.median(GATEWAY);
    return value === undefined ? undefined : value <= limit;
  },
});

/** The gateway's value must be at least `limit`. */
export const atLeast = (limit: number, text: string): Goal => ({
  text,
  met: (row) => {
    const value = row.median(GATEWAY);
    return value === undefined ? undefined : value >= limit;
  },
});

/** The gateway's value may be at most `limit` times the bare proxy's. */
export const atMostBare = (limit: number, wished?: number): Goal => ({
  text: `≤ ${limit} × bare${wished === undefined ? "" : ` (wish ${wished})`}`,
  met: (row) => {
    const ratios = row.ratios(GATEWAY);
    return ratios.length === 0 ? undefined : median(ratios) <= limit;
  },
});

/** A row of differences, by round: every target but `base` minus `base`. */
export function addedOver(row: Row, base: string, goal?: Goal): Row {
  const added = new Row(row.scenario, `${row.measure}, added over ${base}`, {
    comparable: false,
    ...(goal === undefined ? {} : { goal }),
  });
  const floor = row.rounds(base);
  for (const target of row.targets()) {
    if (target === base) continue;
    for (const [round, value] of row.rounds(target).entries())
      added.record(target, value - (floor[round] ?? Number.NaN));
  }
  return added;
}
