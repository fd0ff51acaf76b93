import { expect, test } from "bun:test";
import { loadCatalog, type Model, type Options, quoteTask } from "../catalog/index.ts";
import type { MediaWish } from "../dialects/canonical/media-wish.ts";
import { checkWish, wishFor } from "./wish-for.ts";

const catalog = loadCatalog();
const model = (id: string): Model => {
  const found = catalog.find(id);
  if (!found) throw new Error(id);
  return found;
};

/** What a source is asked for, given what a caller says at the unified door. */
function said(id: string, options: Options, wish: Partial<MediaWish> = {}): MediaWish {
  const quote = quoteTask(model(id), { ratioMicro: 1_000_000n }, { options: { ...options, images: 0, videos: 0 } }, "v");
  if ("fault" in quote) throw new Error(JSON.stringify(quote));
  return wishFor(model(id), { kind: "image", ...wish }, quote.options, options);
}

test.each<[string, Options, Partial<MediaWish>]>([
  ["ray-2", {}, { kind: "video", duration: 5, resolution: "720p" }],
  ["doubao-seedance-1-5-pro-251215", { resolution: "1080P", audio: false }, { kind: "video", resolution: "1080p", sound: false, duration: 5 }],
  ["kling-v2-6", { duration: "10", mode: "pro" }, { kind: "video", duration: 10, mode: "pro", sound: false }],
  ["gpt-image", { size: "1024x1536" }, { kind: "image", size: { width: 1024, height: 1536 }, quality: "medium" }],
  ["nano-banana-2", { size: "2k" }, { kind: "image", resolution: "2K" }],
  ["mj_imagine", { speed: "turbo" }, { kind: "image", mode: "turbo" }],
  ["ideogram-v3-generate", { rendering_speed: "quality", n: 3 }, { kind: "image", count: 3, others: { rendering_speed: "QUALITY" } }],
  ["fal-recraft-v3-text-to-image", { vector: true }, { style: "vector_illustration" }],
])("V36: %s with %j: what is made is what was priced", (id, options, wanted) => {
  expect(said(id, options)).toMatchObject(wanted);
});

test("a caller's word for what is priced otherwise does not get through", () => {
  expect(said("ray-2", {}, { resolution: "4k", duration: 9 })).toMatchObject({ resolution: "720p", duration: 5 });
});

test("pictures for a film: the first begins it, the second of two ends it; three are only looked at", () => {
  const images = (count: number): MediaWish["images"] => Array.from({ length: count }, (_, index) => ({ url: `https://example.com/${index}.png`, role: index === 0 ? ("input" as const) : ("reference" as const) }));
  const roles = (count: number): string[] | undefined => said("MiniMax-Hailuo-02", {}, { images: images(count) ?? [] }).images?.map(({ role }) => role);
  expect(roles(1)).toEqual(["first_frame"]);
  expect(roles(2)).toEqual(["first_frame", "last_frame"]);
  expect(roles(3)).toEqual(["input", "reference", "reference"]);
  const work = (count: number): string[] | undefined => said("ideogram-v3-remix", { character_reference: true }, { images: images(count) ?? [] }).images?.map(({ role }) => role);
  expect(work(2)).toEqual(["input", "character"]);
  expect(said("ideogram-v3-generate", { character_reference: true }, { images: images(1) ?? [] }).images?.[0]?.role).toBe("character");
});

test.each<[string, Partial<MediaWish>, string]>([
  ["I2V-01", { prompt: "x" }, "images"],
  ["recraft-remove-background", {}, "images"],
  ["aleph2", { prompt: "x" }, "videos"],
  ["qwen-image", { images: [{ url: "https://example.com/a.png", role: "input" }] }, "images"],
  ["kling-v1", { videos: [{ url: "https://example.com/a.mp4", role: "input" }] }, "videos"],
  ["nano-banana-2", { count: 4 }, "n"],
  ["flux-pro", { count: 2 }, "n"],
  ["pika-1.5", { images: [{ url: "https://example.com/a.png", role: "input" }], duration: 10 }, "duration"],
])("M05: %s: %j is refused by name, since nobody would make it for this price", (id, wish, param) => {
  expect(() => checkWish(model(id), { kind: "image", ...wish }, {}, { pictures: undefined, follows: false })).toThrow(`"${param}"`);
});

test("a character that nobody shows has no price", () => {
  const check = (id: string, given: number) => (): void => checkWish(model(id), { kind: "image", prompt: "x", images: Array.from({ length: given }, (_, index) => ({ url: `https://example.com/${index}.png`, role: "input" as const })) }, { character_reference: true }, { pictures: 1, follows: false });
  for (const [id, given] of [["ideogram-v3-generate", 0], ["ideogram-v3-remix", 1]] as const) expect(check(id, given)).toThrow('"images"');
  for (const [id, given] of [["ideogram-v3-generate", 1], ["ideogram-v3-remix", 2]] as const) check(id, given)();
});
