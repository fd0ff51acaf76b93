import { cachedTokens, completionTokens, promptTokens, type Usage } from "../canonical/usage.ts";

type Words = Record<string, unknown>;

/** SDK enum TrafficType where it tells a service tier; OpenAI's word for the standard tier is "default". */
const TRAFFIC: [string, string][] = [
  ["ON_DEMAND", "default"],
  ["ON_DEMAND_PRIORITY", "priority"],
  ["ON_DEMAND_FLEX", "flex"],
];

export const tierOfTraffic = (traffic: unknown): string | undefined => TRAFFIC.find(([word]) => word === traffic)?.[1];

const details = (counts: [string, number][]): Words[] => counts.filter(([, tokenCount]) => tokenCount > 0).map(([modality, tokenCount]) => ({ modality, tokenCount }));

/**
 * Usage as `usageMetadata` (SDK type GenerateContentResponseUsageMetadata), the counterpart of `readGeminiUsage`: cached tokens inside the prompt, thoughts beside the candidates,
 * modalities in detail lists. Tokens written to a cache are fresh prompt tokens here.
 */
export function writeGeminiUsage(usage: Usage, serviceTier?: string): Words {
  const prompt = promptTokens(usage);
  const cached = cachedTokens(usage);
  const [cachedAudio, cachedImage] = [usage.cacheReadAudio ?? 0, usage.cacheReadImage ?? 0];
  const [audio, image] = [(usage.inputAudio ?? 0) + cachedAudio, (usage.inputImage ?? 0) + cachedImage];
  const said = completionTokens(usage) - (usage.reasoning ?? 0);
  const [saidAudio, saidImage] = [usage.outputAudio ?? 0, usage.outputImage ?? 0];
  const traffic = TRAFFIC.find(([, tier]) => tier === serviceTier)?.[0];
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: said,
    totalTokenCount: prompt + completionTokens(usage),
    ...(cached > 0 ? { cachedContentTokenCount: cached, cacheTokensDetails: details([["TEXT", usage.cacheRead ?? 0], ["AUDIO", cachedAudio], ["IMAGE", cachedImage]]) } : {}),
    promptTokensDetails: details([["TEXT", prompt - audio - image], ["AUDIO", audio], ["IMAGE", image]]),
    candidatesTokensDetails: details([["TEXT", said - saidAudio - saidImage], ["AUDIO", saidAudio], ["IMAGE", saidImage]]),
    ...(usage.reasoning ? { thoughtsTokenCount: usage.reasoning } : {}),
    ...(traffic ? { trafficType: traffic } : {}),
  };
}
