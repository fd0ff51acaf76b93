import { objectOf } from "../canonical/fields.ts";
import { tokenCount, type Usage } from "../canonical/usage.ts";

/**
 * `usageMetadata` of an answer (EmbeddingUsageMetadata: `promptTokenCount`, and `promptTokenDetails` by modality). Pictures, video frames and pages are image
 * tokens. Undefined where the vendor reports nothing, as older models do.
 */
export function readEmbeddingUsage(report: Record<string, unknown> | undefined): Usage | undefined {
  const total = tokenCount(report?.["promptTokenCount"]);
  if (total === 0) return undefined;
  const listed = report?.["promptTokenDetails"] ?? report?.["promptTokensDetails"];
  const details = Array.isArray(listed) ? listed.map(objectOf) : [];
  const of = (...names: string[]): number => details.filter((entry) => names.includes(String(entry["modality"]))).reduce((sum, entry) => sum + tokenCount(entry["tokenCount"]), 0);
  const inputAudio = Math.min(of("AUDIO"), total);
  const inputImage = Math.min(of("IMAGE", "VIDEO", "DOCUMENT"), total - inputAudio);
  return { input: total - inputAudio - inputImage, ...(inputAudio > 0 ? { inputAudio } : {}), ...(inputImage > 0 ? { inputImage } : {}) };
}
