import { expect, test } from "bun:test";
import { problemsOf, type Fields } from "./fields.ts";
import { encodedInput, formInput } from "./form-input.ts";
import { picture } from "./media/picture.ts";
import { video } from "./media/video.ts";

const FIELDS: Fields = {
  prompt: { is: "text", required: true, least: 1, most: 5 },
  count: { is: "integer", least: 1, most: 3 },
  mode: { is: "text", values: ["a", "b"] },
  image: { is: "file", kind: "picture" },
  clip: { is: "file", kind: "video", base64: true, also: /^own:/ },
  size: { is: "either", of: [{ is: "text", values: ["small"] }, { is: "object", fields: { width: { is: "integer", required: true } } }] },
  tags: { is: "list", most: 2, of: { is: "object", fields: { key: { is: "text", required: true, pattern: /^k/ } } } },
  loud: { is: "flag" },
};
const told = (input: Record<string, unknown>): string[] => problemsOf(FIELDS, input).map(({ path, what }) => `${path.join(".")} ${what}`);
const uri = (type: string, bytes: Uint8Array): string => `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;

test("each fault once, where it is, in the order of the fields", async () => {
  const still = await picture({ width: 8, height: 8, format: "png", seed: "a" });
  const clip = video({ width: 16, height: 16, duration: 0.1, seed: "a" });
  expect(told({})).toEqual(["prompt missing"]);
  expect(told({ prompt: null, count: null })).toEqual(["prompt missing"]);
  expect(told({ prompt: "", count: 1.5, mode: "c", loud: "true" })).toEqual(["prompt least", "count type", "mode values", "loud type"]);
  expect(told({ prompt: "123456", count: 4, tags: [{ key: "x" }, {}] })).toEqual(["prompt most", "count most", "tags.0.key pattern", "tags.1.key missing"]);
  expect(told({ prompt: "x", tags: [{ key: "k" }, { key: "k" }, { key: "k" }] })).toEqual(["tags most"]);
  expect([told({ prompt: "x", size: "small" }), told({ prompt: "x", size: { width: 5 } }), told({ prompt: "x", size: "big" }), told({ prompt: "x", size: {} })]).toEqual([[], [], ["size values"], ["size.width missing"]]);
  expect([uri("image/png", still), still, "https://example.com/a.png"].map((image) => told({ prompt: "x", image }))).toEqual([[], [], []]);
  expect([uri("image/png", clip), uri("image/png", Buffer.from("hello world!")), "data:image/png;base64,", "a.png", clip].map((image) => told({ prompt: "x", image }))).toEqual(Array.from({ length: 5 }, () => ["image file"]));
  expect(told({ prompt: "x", image: "https://example.com/nonexistent.png" })).toEqual(["image gone"]);
  expect([Buffer.from(clip).toString("base64"), "own:1", Buffer.from(still).toString("base64")].map((one) => told({ prompt: "x", clip: one }))).toEqual([[], [], ["clip file"]]);
});

test("a form's texts become what JSON would have; what cannot stays text and is named", () => {
  const file = { name: "image", filename: "a.png", type: "image/png", bytes: Buffer.from("x") };
  const form = { texts: new Map([["prompt", ["x"]], ["count", ["2"]], ["loud", ["true"]], ["tags[]", ['{"key":"k1"}', '{"key":"k2"}']], ["mode", [""]], ["other", ["y"]]]), files: [file] };
  expect(formInput(form, FIELDS)).toEqual({ prompt: "x", count: 2, loud: true, tags: [{ key: "k1" }, { key: "k2" }], image: file.bytes });
  expect(encodedInput(Buffer.from("prompt=a+b&count=two&loud=no"), FIELDS)).toEqual({ prompt: "a b", count: "two", loud: "no" });
  expect(told({ prompt: "x", count: "two" })).toEqual(["count type"]);
});
