import { objectOf } from "../../canonical/fields.ts";
import type { Usage } from "../../canonical/usage.ts";
import { readGeminiUsage } from "../usage.ts";

/** The `usageMetadata` of a live message in classes: generateContent's, but for the name of what was produced (SDK type `UsageMetadata`). */
export function readLiveUsage(value: unknown): { usage: Usage; anomaly?: string } | undefined {
  const report = objectOf(value);
  return readGeminiUsage({
    ...report,
    candidatesTokenCount: report["responseTokenCount"] ?? report["candidatesTokenCount"],
    candidatesTokensDetails: report["responseTokensDetails"] ?? report["candidatesTokensDetails"],
  });
}
