import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { completionTokens, promptTokens } from "../canonical/usage.ts";
import { readRealtimeUsage } from "./usage.ts";

describe("usage of a realtime response", () => {
  test("constructed in the shape of the SDK's types: cached tokens are taken out of their kind", () => {
    const usage = {
      total_tokens: 253, input_tokens: 132, output_tokens: 121,
      input_token_details: { text_tokens: 119, audio_tokens: 13, image_tokens: 0, cached_tokens: 64, cached_tokens_details: { text_tokens: 64, audio_tokens: 0, image_tokens: 0 } },
      output_token_details: { text_tokens: 30, audio_tokens: 91 },
    };
    expect(readRealtimeUsage(usage)).toEqual({ usage: { input: 55, cacheRead: 64, inputAudio: 13, output: 30, outputAudio: 91 } });
  });

  test("constructed: cached tokens without their kinds count as text first; more than was read is told", () => {
    expect(readRealtimeUsage({ input_tokens: 100, output_tokens: 1, input_token_details: { audio_tokens: 60, cached_tokens: 70 } })?.usage).toEqual({ input: 0, cacheRead: 40, cacheReadAudio: 30, inputAudio: 30, output: 1 });
    expect(readRealtimeUsage({ input_tokens: 10, output_tokens: 1, input_token_details: { cached_tokens: 11 } })).toMatchObject({ anomaly: "cached_tokens 11 > input_tokens 10", usage: { input: 0, cacheRead: 10 } });
    expect(readRealtimeUsage(null)).toBeUndefined();
  });

  test("whatever is reported, the classes add up to the totals and none is negative", () => {
    const count = fc.oneof(fc.nat(5_000), fc.constantFrom(-1, undefined, "x", 1.5));
    const details = fc.record({ text_tokens: count, audio_tokens: count, image_tokens: count });
    const report = fc.record({
      input_tokens: fc.nat(5_000), output_tokens: fc.integer({ min: 1, max: 5_000 }),
      input_token_details: fc.record({ text_tokens: count, audio_tokens: count, image_tokens: count, cached_tokens: count, cached_tokens_details: fc.option(details) }),
      output_token_details: details,
    });
    fc.assert(
      fc.property(report, (value) => {
        const { usage } = readRealtimeUsage(value) ?? { usage: {} };
        return promptTokens(usage) === value.input_tokens && completionTokens(usage) === value.output_tokens && Object.values(usage).every((units) => units >= 0);
      }),
    );
  });
});
