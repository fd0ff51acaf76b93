import type { MediaFacts } from "../canonical/dialect.ts";
import { table } from "../../table.ts";

/** Tokens of one picture by quality, square and not (image generation guide, "Cost and latency"; gpt-image-1). */
const TOKENS: Readonly<Record<string, readonly [square: number, other: number]>> = table({ low: [272, 408], medium: [1_056, 1_584], high: [4_160, 6_240] });
const DEAREST = 6_240;
/** Three partial pictures of 100 tokens each at most (the same guide). */
const PARTIALS = 300;
/** Tokens of a picture to edit: a middle one, and the largest at high fidelity (images and vision guide). */
const INPUT_TOKENS = { expected: 800, worst: 6_500 };
/** What a size or quality that is left out or "auto" costs the same as: dall-e's defaults, which alone have a price per picture. */
const DEFAULTS: Readonly<Record<string, string>> = table({ size: "1024x1024", quality: "standard" });

/** What an images request is measured in: pictures, and tokens where the model counts those. */
export function imageFacts(request: { promptTokens: number; n: number; inputs: number; options: Readonly<Record<string, string>> }): MediaFacts {
  const { promptTokens, n, inputs, options } = request;
  const [square, other] = TOKENS[options["quality"] ?? ""] ?? TOKENS["medium"] ?? [DEAREST, DEAREST];
  const [width, height] = (options["size"] ?? "").split("x");
  const each = width !== undefined && width === height ? square : other;
  const usual = Object.fromEntries(Object.entries(DEFAULTS).filter(([name]) => options[name] === undefined || options[name] === "auto"));
  return {
    expected: { input: promptTokens, inputImage: inputs * INPUT_TOKENS.expected, outputImage: each * n, images: n },
    worst: { input: promptTokens * 4, inputImage: inputs * INPUT_TOKENS.worst, outputImage: (DEAREST + PARTIALS) * n, images: n },
    exact: [],
    options: { ...options, ...usual },
  };
}
