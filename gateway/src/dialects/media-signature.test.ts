import { expect, test } from "bun:test";
import { GatewayError } from "../errors/gateway-error.ts";
import { trueMediaType } from "./canonical/media-signature.ts";
import type { AnyCodec } from "./canonical/codec.ts";
import { CODECS } from "./registry.ts";

/** "hello world" as an image, as a sceptic sent it. */
const HELLO = "aGVsbG8gd29ybGQ=";
const of = (bytes: string): string => Buffer.from(bytes, "latin1").toString("base64");

test.each<[string, string, string | undefined]>([
  ["image/png", "\x89PNG\r\n\x1a\n\0\0", "image/png"],
  ["image/jpeg", "\xff\xd8\xff\xe0\0", "image/jpeg"],
  ["image/jpg", "\xff\xd8\xff\xe0\0", "image/jpg"],
  ["image/gif", "GIF89a\0", "image/gif"],
  ["image/webp", "RIFF\x10\0\0\0WEBPVP8 ", "image/webp"],
  ["image/heic", "\0\0\0\x18ftypheic\0", "image/heic"],
  ["image/heic", "\0\0\0\x18ftypmif1\0", "image/heic"],
  ["image/avif", "\0\0\0\x18ftypavif\0", "image/avif"],
  ["image/png", "\xff\xd8\xff\xe0\0", "image/jpeg"],
  ["IMAGE/PNG", "hello world", undefined],
  ["image/webp", "RIFF\x10\0\0\0WAVEfmt ", undefined],
  ["image/png", "\x89PN", undefined],
  ["image/bmp", "BM\0\0", "image/bmp"],
  ["application/pdf", "%PDF-1.7\n", "application/pdf"],
  ["application/pdf", `${"\0".repeat(1_000)}%PDF-1.7\n`, "application/pdf"],
  ["application/pdf", "hello world", undefined],
  ["text/plain", "hello world", "text/plain"],
])("%s with the bytes %j is %p", (said, bytes, found) => expect(trueMediaType(said, of(bytes))).toBe(found));

test.each<[keyof typeof CODECS, Record<string, unknown>, string]>([
  ["openai-chat", { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${HELLO}` } }] }] }, "messages[0].content[0].image_url.url"],
  ["openai-chat", { messages: [{ role: "user", content: [{ type: "file", file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${HELLO}` } }] }] }, "messages[0].content[0].file.file_data"],
  ["openai-responses", { input: [{ role: "user", content: [{ type: "input_image", image_url: `data:image/png;base64,${HELLO}` }] }] }, "input[0].content[0].image_url"],
  ["openai-responses", { input: [{ role: "user", content: [{ type: "input_file", filename: "a.pdf", file_data: HELLO }] }] }, "input[0].content[0].file_data"],
  ["anthropic-messages", { max_tokens: 5, messages: [{ role: "user", content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: HELLO } }] }] }, "messages.0.content.0.source.data"],
  ["anthropic-messages", { max_tokens: 5, messages: [{ role: "user", content: [{ type: "document", source: { type: "base64", media_type: "application/pdf", data: HELLO } }] }] }, "messages.0.content.0.source.data"],
  ["gemini", { contents: [{ parts: [{ inlineData: { mimeType: "image/png", data: HELLO } }] }] }, "contents[0].parts[0].inlineData.data"],
])("bytes that are no such file are refused: %s", (dialect, body, param) => {
  let thrown: unknown;
  try {
    (CODECS[dialect] as AnyCodec).decodeRequest({ model: "m", ...body }, { model: "m" });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(GatewayError);
  expect([(thrown as GatewayError).kind.status, (thrown as GatewayError).param]).toEqual([400, param]);
});
