import type { MediaWish } from "../../../dialects/canonical/media-wish.ts";

/** Width by height of what is wished, out of its sides or its ratio (`16:9`); undefined where neither says one. */
export function shapeOf({ size, aspectRatio }: Pick<MediaWish, "size" | "aspectRatio">): number | undefined {
  if (size) return size.width / size.height;
  const [, width, height] = /^(\d+(?:\.\d+)?)[:x/](\d+(?:\.\d+)?)$/.exec(aspectRatio ?? "") ?? [];
  const shape = Number(width) / Number(height);
  return Number.isFinite(shape) && shape > 0 ? shape : undefined;
}

/** Shapes further apart than this (in logarithm) are not the same picture: the caller is told that the ratio was not to be had. */
const NEAR = 0.04;

/**
 * Of sides or ratios that a vendor has (`1280:720`), the one nearest to a shape; of equally near ones the one whose shorter side is nearest to `lines`, else the first. `exact`: it is the shape that was asked for.
 */
export function nearestShape(shape: number, ratios: readonly string[], lines?: number): { ratio: string; exact: boolean } {
  const rated = ratios.map((ratio) => {
    const [width = 1, height = 1] = ratio.split(":").map(Number);
    return { ratio, off: Math.abs(Math.log(shape / (width / height))), short: Math.min(width, height) };
  });
  const least = Math.min(...rated.map(({ off }) => off));
  const near = rated.filter(({ off }) => off <= least + NEAR / 2);
  const best = lines === undefined ? near[0] : near.toSorted((a, b) => Math.abs(a.short - lines) - Math.abs(b.short - lines))[0];
  return { ratio: best?.ratio ?? "", exact: least <= NEAR };
}

/** Lines of `720p`, `1080P`, `4k`, `2K`; undefined for other words. */
export function linesOf(resolution: string | undefined): number | undefined {
  const word = (resolution ?? "").toLowerCase();
  if (word === "4k") return 2160;
  if (word === "2k") return 1440;
  const lines = /^(\d{3,4})p$/.exec(word)?.[1];
  return lines === undefined ? undefined : Number(lines);
}
