const BYTES = 4;

/** Numbers as base64 of little-endian float32, as OpenAI's `encoding_format: "base64"` has it. */
export function encodeFloat32(values: readonly number[]): string {
  const bytes = Buffer.alloc(values.length * BYTES);
  for (let index = 0; index < values.length; index += 1) bytes.writeFloatLE(values[index] as number, index * BYTES);
  return bytes.toString("base64");
}

/** The numbers of such a text; undefined when it is no whole number of float32, or one is not finite. */
export function decodeFloat32(text: string): number[] | undefined {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length % BYTES !== 0 || bytes.toString("base64").replace(/=+$/, "") !== text.replace(/=+$/, "")) return undefined;
  const values: number[] = [];
  for (let at = 0; at < bytes.length; at += BYTES) values.push(bytes.readFloatLE(at));
  return values.every(Number.isFinite) ? values : undefined;
}
