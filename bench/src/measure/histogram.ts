/** Values below this are kept exactly; above, buckets are 1/128 of their value wide (error below 0.8 %). */
const EXACT_BELOW = 256;
const STEPS_PER_DOUBLING = 128;

/** A histogram as it travels between processes: pairs of bucket index and count. */
export type HistogramData = [index: number, count: number][];

const bucketOf = (value: number): number => {
  if (value < EXACT_BELOW) return value;
  const shift = 31 - Math.clz32(value) - 7;
  return EXACT_BELOW + (shift - 1) * STEPS_PER_DOUBLING + ((value >>> shift) - STEPS_PER_DOUBLING);
};

/** The middle of a bucket. */
const valueOf = (index: number): number => {
  if (index < EXACT_BELOW) return index;
  const shift = Math.floor((index - EXACT_BELOW) / STEPS_PER_DOUBLING) + 1;
  const step = ((index - EXACT_BELOW) % STEPS_PER_DOUBLING) + STEPS_PER_DOUBLING;
  return step * 2 ** shift + 2 ** (shift - 1);
};

/** Counts durations in whole microseconds, from 0 to about 35 minutes, in constant memory. */
export class Histogram {
  readonly #counts: number[] = [];
  #total = 0;

  /** Number of values recorded. */
  get total(): number {
    return this.#total;
  }

  /** Records one duration in microseconds (`times` times). */
  record(microseconds: number, times = 1): void {
    const whole = Math.min(Math.max(Math.round(microseconds), 0), 2 ** 31 - 1);
    const index = bucketOf(whole);
    this.#counts[index] = (this.#counts[index] ?? 0) + times;
    this.#total += times;
  }

  /** The duration in microseconds below or at which the share `fraction` (0 to 1) of all values lies. NaN if empty. */
  percentile(fraction: number): number {
    const rank = Math.max(1, Math.ceil(fraction * this.#total));
    let seen = 0;
    for (const [index, count] of this.toData()) {
      seen += count;
      if (seen >= rank) return valueOf(index);
    }
    return Number.NaN;
  }

  /** The share (0 to 1) of values from `low` up to but not including `high` microseconds. NaN if empty. */
  share(low: number, high: number): number {
    let inside = 0;
    for (const [index, count] of this.toData()) {
      const value = valueOf(index);
      if (value >= low && value < high) inside += count;
    }
    return inside / this.#total;
  }

  /** Adds all values of another histogram. */
  add(data: HistogramData): void {
    for (const [index, count] of data) {
      this.#counts[index] = (this.#counts[index] ?? 0) + count;
      this.#total += count;
    }
  }

  /** The filled buckets, in rising order. */
  toData(): HistogramData {
    const data: HistogramData = [];
    this.#counts.forEach((count, index) => data.push([index, count]));
    return data;
  }

  /** A histogram from what `toData` gave. */
  static from(data: HistogramData): Histogram {
    const histogram = new Histogram();
    histogram.add(data);
    return histogram;
  }
}
