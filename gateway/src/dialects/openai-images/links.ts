import { parseJson, textOf } from "../canonical/fields.ts";
import { applyEdits, type JsonEdit, scanJson } from "../canonical/json-scan.ts";
import type { KeptPicture } from "./images-form.ts";

/** A picture that a whole answer gives by its address; `start`, `end`: the address's JSON text in the body, quotes included. */
export interface PictureLink {
  /** which `url` of the answer, from 0 */
  index: number;
  url: string;
  start: number;
  end: number;
}

/** A member `url` and its text. A bare quoted name before a colon is a member: quotes inside texts are escaped. */
const URL_MEMBER = /"url"\s*:\s*("(?:[^"\\]|\\.)*")/g;

/** The addresses in an answer's `data`, in their order; empty for one that JSON cannot hold. `body` is a JSON object, as `readImages` has seen. */
export function pictureLinks(body: Buffer): PictureLink[] {
  if (!body.includes('"url"')) return [];
  const data = scanJson(body).member("data");
  if (!data) return [];
  // One character a byte, so that places in the text are places in the body.
  const text = body.toString("latin1", data.start, data.end);
  return [...text.matchAll(URL_MEMBER)].map((found, index) => {
    const literal = found[1] ?? '""';
    const end = data.start + found.index + found[0].length;
    return { index, url: textOf(parseJson(Buffer.from(literal, "latin1").toString("utf8")), ""), start: end - literal.length, end };
  });
}

/** The answer with other addresses in their place, and when those end; every other byte as it was. */
export function withPictureLinks(body: Buffer, kept: readonly { link: PictureLink; picture: KeptPicture }[]): Buffer {
  const edits = kept.map(({ link: { start, end }, picture: { url, expires_at } }): JsonEdit => ({ start, end, text: JSON.stringify(url) + (expires_at === undefined ? "" : `,"expires_at":${expires_at}`) }));
  return applyEdits(body, edits);
}
