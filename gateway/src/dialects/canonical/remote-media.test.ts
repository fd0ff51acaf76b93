import { expect, test } from "bun:test";
import fc from "fast-check";
import { needsBytes as chatNeedsBytes } from "../openai-chat/encode-content.ts";
import { needsBytes as geminiNeedsBytes } from "../gemini/media.ts";
import type { MediaSource } from "./media.ts";
import type { Part } from "./parts.ts";
import { mediaToResolve, remoteMediaKey, withMedia } from "./remote-media.ts";
import type { CanonicalRequest } from "./request.ts";

const url = (address: string): MediaSource => ({ kind: "url", url: address });
const PNG: MediaSource = { kind: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" };

const REQUEST: CanonicalRequest = {
  model: "m",
  stream: false,
  messages: [
    { role: "system", parts: [{ type: "text", text: "https://x.example/not-media.png" }] },
    {
      role: "user",
      parts: [
        { type: "image", source: url("https://x.example/a.png"), detail: "low", cache: { ttl: "1h" } },
        { type: "image", source: PNG },
        { type: "image", source: { kind: "file-id", id: "files/1" } },
        { type: "file", source: url("https://x.example/a.png"), name: "a.png" },
        { type: "audio", source: url("http://x.example/a.mp3") },
        { type: "video", source: url("https://youtu.be/abc") },
      ],
    },
    { role: "assistant", parts: [{ type: "tool-call", id: "1", name: "look", arguments: "{}" }] },
    { role: "tool", parts: [{ type: "tool-result", callId: "1", parts: [{ type: "text", text: "here" }, { type: "image", source: url("https://x.example/b.png") }, { type: "image", source: url("https://x.example/a.png") }] }] },
    { role: "user", parts: [{ type: "text", text: "and?" }, { type: "opaque", dialect: "gemini", name: "x", value: { source: url("https://x.example/c.png") } }] },
  ],
};

const NONE: ReadonlySet<string> = new Set();

test("chat completions read images by address, files and sound as bytes; who takes files by address or not at all needs none", () => {
  const wanted = (...traits: string[]): string[] => mediaToResolve(REQUEST, chatNeedsBytes, new Set(traits)).map((media) => media.kind);
  expect([wanted(), wanted("file-url"), wanted("no-files")]).toEqual([["file", "audio"], ["audio"], ["audio"]]);
});

test("all media by address, each once, tool results included; Gemini's rule leaves out what Google reads itself", () => {
  const all = mediaToResolve(REQUEST, () => true, NONE);
  expect(all).toEqual([
    { kind: "image", url: "https://x.example/a.png" },
    { kind: "file", url: "https://x.example/a.png" },
    { kind: "audio", url: "http://x.example/a.mp3" },
    { kind: "video", url: "https://youtu.be/abc" },
    { kind: "image", url: "https://x.example/b.png" },
  ]);
  expect(mediaToResolve(REQUEST, geminiNeedsBytes, NONE)).toEqual(all.filter((media) => media.kind !== "video"));
  expect(mediaToResolve(REQUEST, () => false, NONE)).toEqual([]);
});

test("replaced wherever they stand, with all else as it was", () => {
  const before = structuredClone(REQUEST);
  const jpeg: MediaSource = { kind: "base64", mediaType: "image/jpeg", data: "/9j/" };
  const after = withMedia(REQUEST, new Map([[remoteMediaKey({ kind: "image", url: "https://x.example/a.png" }), jpeg]]));
  expect(REQUEST).toEqual(before);
  expect(after.messages[1]?.parts[0]).toEqual({ type: "image", source: jpeg, detail: "low", cache: { ttl: "1h" } });
  expect(after.messages[1]?.parts[3]).toEqual({ type: "file", source: url("https://x.example/a.png"), name: "a.png" });
  expect(after.messages[3]?.parts[0]).toMatchObject({ parts: [{ type: "text" }, { type: "image", source: url("https://x.example/b.png") }, { type: "image", source: jpeg }] });
  for (const untouched of [0, 2, 4]) expect(after.messages[untouched]).toBe(REQUEST.messages[untouched] as never);
  expect(withMedia(REQUEST, new Map())).toBe(REQUEST);
  expect(withMedia(REQUEST, new Map([["image https://elsewhere.example/", jpeg]]))).toBe(REQUEST);
});

test("after all are replaced, none is left to fetch, and nothing else has changed", () => {
  const source = fc.oneof(fc.webUrl().map(url), fc.constant(PNG), fc.constant<MediaSource>({ kind: "file-id", id: "f" }));
  const media: fc.Arbitrary<Part> = fc.record({ type: fc.constantFrom("image" as const, "file" as const), source });
  const part = fc.oneof(media, fc.record({ type: fc.constant("text" as const), text: fc.string() }), fc.array(media).map((parts): Part => ({ type: "tool-result", callId: "1", parts: parts as never })));
  fc.assert(
    fc.property(fc.array(fc.array(part, { maxLength: 5 }), { maxLength: 5 }), (messages) => {
      const request: CanonicalRequest = { model: "m", stream: false, messages: messages.map((parts) => ({ role: "user", parts })) };
      const wanted = mediaToResolve(request, () => true, NONE);
      const after = withMedia(request, new Map(wanted.map((one) => [remoteMediaKey(one), PNG])));
      expect(mediaToResolve(after, () => true, NONE)).toEqual([]);
      const erased = (value: CanonicalRequest): string => JSON.stringify(value, (name, inner: unknown) => (name === "source" && (inner as MediaSource).kind !== "file-id" ? "bytes or address" : inner));
      expect(erased(after)).toBe(erased(request));
    }),
  );
});
