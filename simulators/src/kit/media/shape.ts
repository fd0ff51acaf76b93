/** Sides from the ways in which vendors name shapes. */

/** Lines of a film by the names of resolutions. */
const LINES: Record<string, number> = { "360p": 360, "480p": 480, "540p": 540, "720p": 720, "1080p": 1080, "2k": 1440, "4k": 2160 };

/** Takes a ratio such as 16:9 or 16x9; gives its two numbers, `undefined` when it is none. */
function ratioOf(ratio: string): [number, number] | undefined {
  const found = /^(\d+)[:x](\d+)$/.exec(ratio);
  return found && Number(found[1]) > 0 && Number(found[2]) > 0 ? [Number(found[1]), Number(found[2])] : undefined;
}

/** Takes a ratio and a number of pixels; gives sides of about as many, multiples of 16; `undefined` when it is no ratio. */
export function sidesOfPixels(ratio: string, pixels: number): [number, number] | undefined {
  const found = ratioOf(ratio);
  if (!found) return undefined;
  const scale = Math.sqrt(pixels / (found[0] * found[1]));
  return [Math.round((found[0] * scale) / 16) * 16, Math.round((found[1] * scale) / 16) * 16];
}

/** Takes a ratio and a resolution such as 720p (also what is meant by any other word); gives even sides, the shorter one of that many lines. */
export function sidesOfLines(ratio: string, resolution: string): [number, number] {
  const [width, height] = ratioOf(ratio) ?? [16, 9];
  const scale = (LINES[resolution.toLowerCase()] ?? 720) / Math.min(width, height);
  return [Math.round((width * scale) / 2) * 2, Math.round((height * scale) / 2) * 2];
}
