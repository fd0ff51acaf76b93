import type { Histogram } from "../measure/histogram.ts";

/** Borders in milliseconds; 35 to 50 is where a delayed acknowledgement (40 ms) would show. */
const BORDERS = [0, 0.25, 0.5, 1, 2, 3, 5, 8, 12, 20, 35, 50, 100, Number.POSITIVE_INFINITY];

/** The range of the 40 ms mode, in microseconds. */
export const DELAYED_ACK: readonly [number, number] = [35_000, 50_000];

/** One line with the share of values between fixed borders, in percent: `<0.25ms 12.0 | 0.25–0.5ms 80.1 | …`. */
export function distributionLine(histogram: Histogram): string {
  const parts: string[] = [];
  for (const [index, low] of BORDERS.slice(0, -1).entries()) {
    const high = BORDERS[index + 1] ?? Number.POSITIVE_INFINITY;
    const share = histogram.share(low * 1000, high * 1000) * 100;
    const name = high === Number.POSITIVE_INFINITY ? `≥${low}ms` : `${low}–${high}ms`;
    // The range in question is shown also when empty.
    if (share > 0 || low === 35)
      parts.push(`${name} ${share.toFixed(share > 0 && share < 0.1 ? 3 : 1)}%`);
  }
  return parts.join(" | ");
}
