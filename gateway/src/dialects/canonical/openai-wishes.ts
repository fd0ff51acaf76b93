import type { DroppedFeatures } from "./dropped-features.ts";
import type { CanonicalRequest } from "./request.ts";

/** Tells what Anthropic's and Bedrock's dialects have no word for. Values that ask for nothing (a penalty of 0, one answer) are no wishes. */
export function dropOpenAIWishes(request: CanonicalRequest, dropped: DroppedFeatures): void {
  const asked: [keyof CanonicalRequest, boolean][] = [
    ["minP", (request.minP ?? 0) !== 0],
    ["presencePenalty", (request.presencePenalty ?? 0) !== 0],
    ["frequencyPenalty", (request.frequencyPenalty ?? 0) !== 0],
    ["seed", request.seed !== undefined],
    ["choices", (request.choices ?? 1) > 1],
    ["logprobs", request.logprobs !== undefined],
    ["logitBias", Object.keys(request.logitBias ?? {}).length > 0],
    ["modalities", (request.modalities ?? []).some((kind) => kind !== "text")],
    ["audio", request.audio !== undefined],
    ["image", request.image !== undefined],
    ["verbosity", request.verbosity !== undefined && request.verbosity !== "medium"],
  ];
  for (const [feature, wished] of asked) if (wished) dropped.add(feature);
  // A wish in chat only: what Responses keeps is kept here.
  if (request.store) dropped.addNamed("store");
}
