import { describe, expect, test } from "bun:test";
import { decodeSound as decode } from "../../testing/decode-sound.ts";
import { HAS_FFPROBE, probe } from "../../testing/probe.ts";
import { picture, pictureFormat } from "./picture.ts";
import { secondsOf, sound } from "./sound.ts";
import { video } from "./video.ts";

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

  test.if(HAS_FFPROBE)("film: sides, length and every frame as ffmpeg reads them", () => {
    for (const [width, height, duration] of [[1280, 720, 5], [768, 1280, 10], [300, 200, 0.5], [3840, 2160, 1]] as const) {
      const bytes = video({ width, height, duration, seed: "a" });
      expect(probe(bytes)).toEqual({ codec: "h264", width, height, duration });
      expect(bytes.length).toBeLessThan(40_000);
    }
    expect(Buffer.compare(video({ width: 64, height: 64, duration: 1, seed: "a" }), video({ width: 64, height: 64, duration: 1, seed: "b" }))).not.toBe(0);
    // odd sides become even, and the colour reaches the last corner
    const odd = video({ width: 99, height: 51, duration: 0.1, seed: "a" });
    expect(probe(odd)).toMatchObject({ width: 100, height: 52 });
    const raw = Bun.spawnSync(["ffmpeg", "-v", "error", "-i", "-", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"], { stdin: odd }).stdout;
    expect([raw.length, new Set(raw).size]).toEqual([100 * 52, 1]);
  });

  test.if(HAS_FFPROBE)("pictures and sound as ffmpeg reads them", async () => {
    for (const [format, codec] of [["png", "png"], ["jpeg", "mjpeg"], ["webp", "webp"]] as const)
      expect(probe(await picture({ width: 320, height: 208, format, seed: "a" }))).toMatchObject({ codec, width: 320, height: 208 });
    expect(probe(sound(2, "mp3"))).toMatchObject({ codec: "mp3", duration: expect.closeTo(2, 1) as unknown as number });
    expect(probe(sound(2, "wav"))).toMatchObject({ codec: "pcm_s16le" });
  });

  test("a wav has its exact length, and a tone", async () => {
    expect(secondsOf(sound(2, "wav"))).toBe(2);
    const decoded = await decode(new Uint8Array(sound(0.5, "wav")));
    expect(Math.max(...(decoded.channelData[0] ?? []))).toBeGreaterThan(0.03);
    expect(secondsOf(sound(3, "mp3"))).toBeCloseTo(3, 1);
  });
});
