import { objectOf } from "../canonical/fields.ts";
import { mediaOfUrl, urlOfMedia } from "../canonical/media.ts";
import type { ImagePart, TextPart } from "../canonical/parts.ts";
import { foundIn, textIn } from "../canonical/wire-fields.ts";

/**
 * Images that a model made stand twice in an answer: as Markdown in `content`, which every client shows, and in `message.images`
 * (OpenRouter's guide "Image generation"), which programs read. What came as bytes stays a `data:` address: clients send an answer's text back with the next turn, and of a link to a copy of ours the model would see the letters
 * and not the picture.
 */
export const markdownOf = (url: string): string => `![image](${url})`;

/** Entry of `images`, or undefined for an image known by a vendor's file id only. */
export function writeImage(part: ImagePart, index: number): { url: string; entry: Record<string, unknown> } | undefined {
  const url = urlOfMedia(part.source);
  return url === undefined ? undefined : { url, entry: { type: "image_url", image_url: { url }, index } };
}

/** Addresses in `images`; what is none is passed over. */
export function readImages(value: unknown): string[] {
  return foundIn(value, (item) => {
    const image = objectOf(item)["image_url"];
    return (textIn(image) ?? textIn(objectOf(image)["url"])) || undefined;
  });
}

export const imageOfUrl = (url: string): ImagePart => ({ type: "image", source: mediaOfUrl(url) });

/** Longest alternative text and longest plain address looked at: bounds the search, whatever the text. */
const ALT_LENGTH_MAX = 256;
const ADDRESS_LENGTH_MAX = 8_192;

/** Text with the images in it: the Markdown of those named in `urls`, and every Markdown `data:` image, become parts; images not in the text follow it. */
export function splitImages(content: string, urls: string[]): (TextPart | ImagePart)[] {
  if (urls.length === 0 && !content.includes("](")) return content === "" ? [] : [{ type: "text", text: content }];
  const left = new Set(urls);
  const parts = takeImages(content, left);
  for (const url of left) parts.push(imageOfUrl(url));
  return parts;
}

/** As splitImages, for one of several texts: takes what it finds out of `left`. One pass over the text. */
export function takeImages(content: string, left: Set<string>): (TextPart | ImagePart)[] {
  const parts: (TextPart | ImagePart)[] = [];
  let done = 0;
  let close = -1;
  const text = (to: number): void => {
    if (to > done) parts.push({ type: "text", text: content.slice(done, to) });
  };
  for (let at = content.indexOf("]("); at >= 0; at = content.indexOf("](", at + 1)) {
    if (close < at) close = content.indexOf(")", at);
    if (close < 0) break;
    const isData = content.startsWith("data:image/", at + 2);
    if (!isData && close - at > ADDRESS_LENGTH_MAX) continue;
    const window = Math.max(done, at - ALT_LENGTH_MAX);
    const open = content.slice(window, at).lastIndexOf("![");
    if (open < 0) continue;
    const url = content.slice(at + 2, close);
    if (!isData && !left.has(url)) continue;
    text(window + open);
    parts.push(imageOfUrl(url));
    left.delete(url);
    done = close + 1;
    at = close;
  }
  text(content.length);
  return parts;
}
