import { createHash } from "node:crypto";

/** Longer texts and files are digested by themselves, in slices with others served in between. */
const LONG = 64 * 1024;
const SLICE = 1024 * 1024;

/** What tells one request from another: SHA-256 in hex of its JSON, in which files stand as their digests. */
export async function requestHash(request: unknown): Promise<string> {
  return createHash("sha256").update(JSON.stringify(await short(request))).digest("hex");
}

async function short(value: unknown): Promise<unknown> {
  if (typeof value === "string") return value.length > LONG ? { text: await digest(value) } : value;
  if (value instanceof Uint8Array) return { bytes: await digest(value) };
  if (Array.isArray(value)) return Promise.all(value.map((entry) => short(entry)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([name, member]) => [name, await short(member)] as const)));
}

async function digest(value: string | Uint8Array): Promise<string> {
  const hash = createHash("sha256");
  for (let at = 0; at < value.length; at += SLICE) {
    const slice = value.slice(at, at + SLICE);
    if (typeof slice === "string") hash.update(slice, "utf8");
    else hash.update(slice);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return hash.digest("hex");
}
