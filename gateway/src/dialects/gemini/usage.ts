import { objectOf } from "../canonical/fields.ts";
import { tokenCount, type Usage } from "../canonical/usage.ts";

const modality = (details: unknown, name: string): number =>
  Array.isArray(details)
    ? details.map(objectOf).filter((entry) => entry["modality"] === name).reduce((sum, entry) => sum + tokenCount(entry["tokenCount"]), 0)
    : 0;

/**
 * Gemini's `usageMetadata` in classes (SDK type `GenerateContentResponseUsageMetadata`): cached tokens lie inside `promptTokenCount`,
 * thoughts stand beside `candidatesTokenCount`, tool results beside the prompt; modalities are told in detail lists.
 */
export function readGeminiUsage(value: unknown): { usage: Usage; anomaly?: string } | undefined {
  const report = objectOf(value);
  const prompt = tokenCount(report["promptTokenCount"]);
  const candidates = tokenCount(report["candidatesTokenCount"]);
  const reasoning = tokenCount(report["thoughtsTokenCount"]);
  if (prompt === 0 && candidates === 0 && reasoning === 0) return undefined;
  const cached = tokenCount(report["cachedContentTokenCount"]);
  const ofCache = Math.min(cached, prompt);
  const cacheDetails = report["cacheTokensDetails"];
  // Cached sound has a price of its own.
  const cacheReadAudio = Math.min(modality(cacheDetails, "AUDIO"), ofCache);
  const cacheReadImage = Math.min(modality(cacheDetails, "IMAGE"), ofCache - cacheReadAudio);
  const fresh = prompt - ofCache;
  const inputAudio = Math.min(Math.max(0, modality(report["promptTokensDetails"], "AUDIO") - modality(cacheDetails, "AUDIO")), fresh);
  const inputImage = Math.min(Math.max(0, modality(report["promptTokensDetails"], "IMAGE") - modality(cacheDetails, "IMAGE")), fresh - inputAudio);
  const outputAudio = Math.min(modality(report["candidatesTokensDetails"], "AUDIO"), candidates);
  const outputImage = Math.min(modality(report["candidatesTokensDetails"], "IMAGE"), candidates - outputAudio);
  const usage: Usage = {
    input: fresh - inputAudio - inputImage + tokenCount(report["toolUsePromptTokenCount"]),
    inputAudio,
    inputImage,
    cacheRead: ofCache - cacheReadAudio - cacheReadImage,
    ...(cacheReadAudio > 0 ? { cacheReadAudio } : {}),
    ...(cacheReadImage > 0 ? { cacheReadImage } : {}),
    output: candidates - outputAudio - outputImage,
    reasoning,
    outputAudio,
    outputImage,
  };
  return cached > prompt ? { usage, anomaly: `cachedContentTokenCount ${cached} > promptTokenCount ${prompt}` } : { usage };
}
