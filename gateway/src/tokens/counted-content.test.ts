import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { MediaSource } from "../dialects/canonical/media.ts";
import type { Part } from "../dialects/canonical/parts.ts";
import type { CanonicalRequest } from "../dialects/canonical/request.ts";
import { cutLongRuns } from "./bounded-runs.ts";
import { countedContent } from "./counted-content.ts";
import { encodingOf } from "./encoding.ts";
import { mediaTokens } from "./media-tokens.ts";

const MANY = 1_000_000;
const request = (parts: Part[], more: Partial<CanonicalRequest> = {}): CanonicalRequest => ({ model: "m", stream: false, messages: [{ role: "user", parts }], ...more });
const base64 = (mediaType: string, data: Buffer): MediaSource => ({ kind: "base64", mediaType, data: data.toString("base64") });

/** The head of a PNG of that size, constructed from the PNG specification. */
function png(width: number, height: number): MediaSource {
  const head = Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\0\x08\x06\0\0\0\0\0\0\0", "latin1");
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return base64("image/png", head);
}

test("all that a model reads, in order", () => {
  const content = countedContent(
    request(
      [
        { type: "text", text: "t" }, { type: "refusal", text: "r" }, { type: "reasoning", text: "th", encrypted: "sealed", signature: "sealed" }, { type: "tool-call", id: "id", name: "n", arguments: '{"a":1}' },
        { type: "tool-result", callId: "id", parts: [{ type: "text", text: "result" }, { type: "file", source: base64("text/csv", Buffer.from("x,ü")), name: "f.csv" }] },
        { type: "hosted-call", id: "id", tool: "web-search", name: "web_search", input: "q" }, { type: "hosted-result", callId: "id", tool: "web-search", output: "o", sources: [{ url: "u", title: "ti" }] },
        { type: "audio", source: { kind: "file-id", id: "a" }, transcript: "said" }, { type: "opaque", dialect: "gemini", name: "x", value: { v: 1 } },
      ],
      { tools: [{ type: "function", name: "fn", description: "d", parameters: { type: "object" } }, { type: "web-search" }, { type: "custom", name: "c" }], format: { type: "json-schema", schema: { type: "string" } } },
    ),
    MANY,
  );
  expect(content.texts).toEqual(["t", "r", "th", "n", '{"a":1}', "result", "f.csv", "x,ü", "web_search", "q", "o", "u", "ti", "said", '{"v":1}', '{"name":"fn","description":"d","parameters":{"type":"object"}}', '{"name":"c"}', '{"type":"string"}']);
  expect(content.characters).toBe(content.texts.join("").length);
  expect(content.otherTokens).toBe(7);
});

test("what is too long is not made into text, and still counts", () => {
  const long = "x".repeat(2_000);
  for (const more of [{ tools: [{ type: "function" as const, name: "f", description: long }] }, { format: { type: "json-schema" as const, schema: { a: long } } }]) {
    const content = countedContent(request([], more), 1_000);
    expect([content.texts, content.characters >= 2_000]).toEqual([[], true]);
  }
  let deep: unknown = long;
  for (let n = 0; n < 100_000; n += 1) deep = [deep];
  expect(countedContent(request([{ type: "opaque", dialect: "gemini", name: "x", value: deep }]), 1_000).texts).toEqual([]);
  expect(countedContent(request([{ type: "file", source: base64("text/plain", Buffer.from(long)) }]), 1_000)).toMatchObject({ texts: [], characters: 2_668 });
});

describe("media", () => {
  /** From the examples of OpenAI's guide "Images and vision": 1024 x 1024 is 765 tokens, 2048 x 4096 is 1105, and low detail 85. */
  test.each<[number, number, string | undefined, number]>([[1024, 1024, "high", 765], [2048, 4096, "high", 1105], [4096, 8192, "low", 85], [512, 512, undefined, 255], [1, 1, undefined, 255], [8192, 64, undefined, 765]])(
    "an image of %d x %d, detail %p: %d", (width, height, detail, tokens) => expect(mediaTokens("image", png(width, height), detail)).toBe(tokens),
  );

  test("images elsewhere, unreadable or inside a file", () => {
    expect(mediaTokens("image", { kind: "url", url: "https://x.example/" })).toBe(765);
    expect(mediaTokens("image", base64("image/png", Buffer.from("no image")))).toBe(765);
    expect(mediaTokens("file", png(1024, 1024))).toBe(765);
  });

  test("sound, film and pages by their bytes", () => {
    expect(mediaTokens("audio", base64("audio/wav", Buffer.alloc(480_000)))).toBe(100);
    expect(mediaTokens("audio", base64("audio/mpeg", Buffer.alloc(480_000)))).toBe(300);
    expect(mediaTokens("video", base64("video/mp4", Buffer.alloc(750_000)))).toBe(900);
    expect(mediaTokens("file", base64("application/pdf", Buffer.alloc(120_000)))).toBe(4_500);
    expect(mediaTokens("file", { kind: "file-id", id: "f" })).toBe(6_000);
  });

  test("they count beside the texts, inside tool results too", () => {
    const image: Part = { type: "image", source: png(1024, 1024) };
    expect(countedContent(request([image, { type: "tool-result", callId: "1", parts: [image] }]), MANY)).toMatchObject({ texts: [], otherTokens: 7 + 2 * 765 });
  });
});

test("the vocabulary by model", () => {
  for (const model of ["gpt-4", "gpt-4-turbo", "gpt-4-0613", "gpt-3.5-turbo", "openai/gpt-4", "GPT-4"]) expect(encodingOf(model)).toBe("cl100k_base");
  for (const model of ["gpt-4o", "gpt-4.1-mini", "gpt-5", "o3", "deepseek-chat", "claude-sonnet-5", "my-gpt-4", ""]) expect(encodingOf(model)).toBe("o200k_base");
});

test("long runs are cut, nothing is lost, and ordinary text stays whole", () => {
  expect(cutLongRuns("An ordinary sentence, with words.\n\n    and(code); // 1234567890")).toEqual(["An ordinary sentence, with words.\n\n    and(code); // 1234567890"]);
  expect(cutLongRuns(`x ${"a".repeat(130)} y`)).toEqual(["x ", "a".repeat(64), "a".repeat(64), "aa", " y"]);
  const unit = fc.constantFrom("a", " ", "!", "中", "😀", "\u0301", "1", "\n");
  fc.assert(
    fc.property(fc.array(fc.tuple(unit, fc.nat(200))), (runs) => {
      const text = runs.map(([character, count]) => character.repeat(count)).join("");
      const pieces = cutLongRuns(text);
      expect(pieces.join("")).toBe(text);
      for (const piece of pieces) expect(piece).not.toMatch(/[\p{L}\p{M}]{65}|\s{65}|[^\s\p{L}\p{M}]{65}/u);
    }),
  );
});
