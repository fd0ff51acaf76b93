import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import type { CanonicalRequest } from "../canonical/request.ts";

/** Shapes that the image models make (SDK type ImageConfig). */
const RATIOS = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"];
/** Longest side in pixels up to which a size counts as 1K, 2K; beyond is 4K. */
const SIZES: [number, string][] = [
  [1_536, "1K"],
  [3_072, "2K"],
];
const PIXELS = /^(\d{2,5})x(\d{2,5})$/;

const valueOf = (ratio: string): number => Number(ratio.split(":")[0]) / Number(ratio.split(":")[1]);

/** A picture's wished shape as `imageConfig`. OpenAI tells pixels ("1536x1024"): the nearest ratio and size class stand for them. */
export function imageConfigOf(image: CanonicalRequest["image"], dropped: DroppedFeatures): Record<string, unknown> {
  if (!image) return {};
  const config: Record<string, unknown> = {};
  if (image.aspectRatio !== undefined) config["aspectRatio"] = image.aspectRatio;
  const pixels = PIXELS.exec(image.size ?? "");
  if (pixels) {
    const [width, height] = [Number(pixels[1]), Number(pixels[2])];
    const nearest = [...RATIOS].sort((a, b) => Math.abs(Math.log(valueOf(a) / (width / height))) - Math.abs(Math.log(valueOf(b) / (width / height))))[0];
    config["aspectRatio"] ??= nearest;
    config["imageSize"] = SIZES.find(([most]) => Math.max(width, height) <= most)?.[1] ?? "4K";
  } else if (image.size !== undefined && /^\d+(\.\d+)?K$/i.test(image.size)) config["imageSize"] = image.size;
  else if (image.size !== undefined && image.size !== "auto") dropped.add("image.size");
  return config;
}
