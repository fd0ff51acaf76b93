import { describe, expect, test } from "bun:test";
import { decodeSound as decode } from "../../testing/decode-sound.ts";
import { picture, pictureFormat } from "./picture.ts";
import { secondsOf, sound } from "./sound.ts";

describe("files that decoders of others take", () => {
  test.each(["png", "jpeg", "webp"] as const)("picture as %s", async (format) => {
    const bytes = await picture({ width: 300, height: 200, format, seed: "a" });
    expect(pictureFormat(bytes)).toBe(format);
    expect(await new Bun.Image(bytes).metadata()).toMatchObject({ width: 300, height: 200, format });
    expect(Buffer.compare(bytes, await picture({ width: 300, height: 200, format, seed: "a" }))).toBe(0);
    expect(Buffer.compare(bytes, await picture({ width: 300, height: 200, format, seed: "b" }))).not.toBe(0);
    // decoding looks at every pixel
    expect((await new Bun.Image(bytes).resize(10, 10).png().bytes()).length).toBeGreaterThan(50);
  });

  test.each(["mp3", "opus", "aac", "flac", "wav"] as const)("sound as %s", async (format) => {
    const decoded = await decode(new Uint8Array(sound(1.5, format)));
    const [channel] = decoded.channelData;
    const seconds = (channel?.length ?? 0) / decoded.sampleRate;
    expect(seconds).toBeGreaterThan(1.35);
    expect(seconds).toBeLessThan(1.75);
    expect(decoded.channelData.length).toBeLessThanOrEqual(2);
  });

  test("a wav has its exact length, and a tone", async () => {
    expect(secondsOf(sound(2, "wav"))).toBe(2);
    const decoded = await decode(new Uint8Array(sound(0.5, "wav")));
    expect(Math.max(...(decoded.channelData[0] ?? []))).toBeGreaterThan(0.03);
    expect(secondsOf(sound(3, "mp3"))).toBeCloseTo(3, 1);
  });
});
