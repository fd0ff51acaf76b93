/** Buckets of times, each a fourth of an octave wide: what is read from them is off by 9 % at most. The first ends at 1 ms, the last holds all above 3 hours. As `latency_bucket` in migration 0041. */
const PER_OCTAVE = 4;

/** How often something took as long as a bucket says. */
export interface BucketCount {
  bucket: number;
  count: number;
}

export interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
}

/** Percentiles of counted times in milliseconds; null where nothing was counted. Counts of several sums may be put together in any order. */
export function percentiles(counts: readonly BucketCount[]): Percentiles | null {
  const sorted = counts.filter(({ count }) => count > 0).toSorted((a, b) => a.bucket - b.bucket);
  const total = sorted.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  const at = (share: number): number => {
    let seen = 0;
    for (const { bucket, count } of sorted) {
      seen += count;
      if (seen >= total * share) return middleOf(bucket);
    }
    return middleOf(sorted.at(-1)?.bucket ?? 0);
  };
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/** The time that stands for a bucket: the middle of its ends as factors. */
function middleOf(bucket: number): number {
  if (bucket === 0) return 1;
  const ms = 2 ** ((bucket - 0.5) / PER_OCTAVE);
  const digits = ms < 10 ? 100 : ms < 100 ? 10 : 1;
  return Math.round(ms * digits) / digits;
}
