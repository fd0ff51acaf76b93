import { expect, test } from "bun:test";
import { GatewayError } from "../../errors/gateway-error.ts";
import { cpuOf } from "../../testing/cpu.ts";
import { collectStream } from "./collect-stream.ts";
import { unwrapCustomInput, wrapCustomInput } from "./custom-tool.ts";
import { isShallow, refuseSchema, SCHEMA_NODES_MAX } from "./depth.ts";
import { JSON_DEPTH_MAX } from "./json-scan.ts";

test("free text of a custom tool, there and back", () => {
  expect(unwrapCustomInput(wrapCustomInput('a "b"\n'))).toBe('a "b"\n');
  expect(unwrapCustomInput('{"other":1}')).toBe('{"other":1}');
});

test("a schema nested too deeply is refused, one just within the limit is not", () => {
  const nested = (levels: number): unknown => {
    let value: unknown = 1;
    for (let n = 0; n < levels; n += 1) value = [value];
    return value;
  };
  expect(() => refuseSchema(nested(JSON_DEPTH_MAX), "x")).not.toThrow();
  expect(() => refuseSchema(nested(JSON_DEPTH_MAX + 1), "x")).toThrow(GatewayError);
  expect(() => refuseSchema(nested(200_000), "x")).toThrow(GatewayError);
});

test("a schema of too many parts is refused, and a body of millions of lists is looked through at once", () => {
  const wide = (parts: number): unknown => ({ enum: Array.from({ length: parts }, () => 1) });
  expect(() => refuseSchema(wide(SCHEMA_NODES_MAX - 2), "x")).not.toThrow();
  expect(() => refuseSchema(wide(SCHEMA_NODES_MAX - 1), "x")).toThrow("too large");
  const lists = Array.from({ length: 3_300_000 }, () => []);
  const { value, ms } = cpuOf(() => isShallow(lists));
  expect(value).toBe(true);
  // Some 0.1 s; a list of children per list took 3 s.
  expect(ms).toBeLessThan(1_500);
});

test("a stream collected: choices apart, sound, logprobs, a choice that never finished", () => {
  const collected = collectStream([
    { type: "start", id: "i", model: "m", created: 5 },
    { type: "part-start", choice: 1, index: 0, part: { type: "audio", source: { kind: "base64", mediaType: "audio/pcm", data: "" } } },
    { type: "audio-delta", choice: 1, index: 0, data: "aGk=", transcript: "h" },
    { type: "audio-delta", choice: 1, index: 0, transcript: "i", id: "audio_1", expiresAt: 9 },
    { type: "part-start", choice: 0, index: 0, part: { type: "text", text: "" } },
    { type: "text-delta", choice: 0, index: 0, text: "a", logprobs: [{ token: "a", logprob: -1 }] },
    { type: "text-delta", choice: 0, index: 7, text: "lost" },
    { type: "finish", choice: 0, reason: "stop-sequence", stopSequence: "x", detail: "d" },
    { type: "usage", usage: { input: 1 } },
    { type: "usage", usage: { input: 1, output: 2 } },
    { type: "end" },
  ]);
  expect(collected).toEqual({
    id: "i", model: "m", created: 5, usage: { input: 1, output: 2 },
    choices: [
      { index: 0, parts: [{ type: "text", text: "a" }], finish: "stop-sequence", stopSequence: "x", finishDetail: "d", logprobs: [{ token: "a", logprob: -1 }] },
      { index: 1, parts: [{ type: "audio", source: { kind: "base64", mediaType: "audio/pcm", data: "aGk=" }, transcript: "hi", id: "audio_1", expiresAt: 9 }], finish: "error" },
    ],
  });
});
