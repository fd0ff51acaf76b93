/** The ratio (`16:9`, `1820x1024`) that is nearest to a size, on a logarithmic scale: 2:1 is as far from 1:1 as 1:2. `ratios` holds one at least. */
export function nearestRatio({ width, height }: { width: number; height: number }, ratios: readonly string[]): string {
  const distance = (ratio: string): number => {
    const [x = 1, y = 1] = ratio.split(/[:x]/).map(Number);
    return Math.abs(Math.log(width / height) - Math.log(x / y));
  };
  return ratios.reduce((best, ratio) => (distance(ratio) < distance(best) ? ratio : best));
}

/** Characters of base64 that hold the bytes looked at. */
const START_CHARACTERS = 400;

/** The type of a picture in base64 by its first bytes; an SVG is XML whose beginning names it. `application/octet-stream` for all else. */
export function pictureTypeOf(base64: string): string {
  const start = Buffer.from(base64.slice(0, START_CHARACTERS), "base64").toString("latin1");
  if (start.startsWith("\x89PNG\r\n")) return "image/png";
  if (start.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (start.startsWith("RIFF") && start.slice(8, 12) === "WEBP") return "image/webp";
  return /^(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE svg|svg)[\s\S]*/.test(start) && start.includes("<svg") ? "image/svg+xml" : "application/octet-stream";
}
