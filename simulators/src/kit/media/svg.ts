/** Takes sides and a seed; gives an SVG document, the same for the same seed. */
export function svg(width: number, height: number, seed: string): Uint8Array {
  const colour = (Number(Bun.hash(seed)) % 0xffffff).toString(16).padStart(6, "0");
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><rect width="${width}" height="${height}" fill="#${colour}"/><circle cx="${width / 2}" cy="${height / 2}" r="${Math.min(width, height) / 4}" fill="#fff"/></svg>`,
  );
}
