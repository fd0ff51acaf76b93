import type { Target } from "../channels/plan.ts";
import type { VendorDialectId } from "../dialects/canonical/dialect.ts";
import type { TokenCounting } from "../dialects/canonical/token-counting.ts";
import { TOKEN_COUNTING } from "../dialects/registry.ts";
import { VENDORS } from "../vendors/registry.ts";

/** How a target counts: in the dialect it is spoken to in, or in another that its vendor speaks; undefined when it cannot. */
export function countingAt(target: Target): { dialect: VendorDialectId; counting: TokenCounting } | undefined {
  for (const dialect of [target.dialect, ...(VENDORS.get(target.channel.vendor)?.dialects ?? [])]) {
    const counting = TOKEN_COUNTING[dialect];
    if (counting) return { dialect, counting };
  }
  return undefined;
}
