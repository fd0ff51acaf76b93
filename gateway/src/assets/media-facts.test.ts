import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sound } from "../../../simulators/src/kit/media/sound.ts";
import { video } from "../../../simulators/src/kit/media/video.ts";
import { mediaFacts } from "./media-facts.ts";
import { mp4Seconds } from "./mp4-seconds.ts";

// The files are the simulators': they are decoded by other libraries in their own tests.
const film = video({ width: 640, height: 360, duration: 7, seed: "facts" });
const box = (type: string, content: Uint8Array): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + 8);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, content]);
};

describe("what a file tells of itself", () => {
  test("a film: sides and length", async () => {
    expect(await mediaFacts(new Blob([film]), "video/mp4")).toEqual({ width: 640, height: 360, duration: 7 });
  });

  test.each([["mp3", "audio/mpeg"], ["opus", "audio/ogg"], ["flac", "audio/flac"], ["wav", "audio/wav"]] as const)("a sound of %s: its length", async (format, type) => {
    const { duration, width } = await mediaFacts(new Blob([sound(3.2, format)]), type);
    expect(Math.abs((duration ?? 0) - 3.2)).toBeLessThan(0.1);
    expect(width).toBeUndefined();
  });

  test("the movie header behind the pictures, long sizes, both versions (constructed after ISO/IEC 14496-12)", async () => {
    const short = Buffer.alloc(100);
    short.writeUInt32BE(600, 12);
    short.writeUInt32BE(1_500, 16);
    const long = Buffer.alloc(112);
    long.writeUInt8(1, 0);
    long.writeUInt32BE(90_000, 20);
    long.writeBigUInt64BE(90_000n * 7_200n, 24);
    const data = Buffer.alloc(5_000);
    const large = Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.from("mdat"), Buffer.from([0, 0, 0, 0, 0, 0, 0, 26]), Buffer.alloc(10)]);
    expect(await mp4Seconds(new Blob([box("ftyp", Buffer.alloc(8)), box("mdat", data), large, box("moov", box("mvhd", short))]))).toBe(2.5);
    expect(await mp4Seconds(new Blob([box("moov", Buffer.concat([box("free", Buffer.alloc(3)), box("mvhd", long)]))]))).toBe(7_200);
    const unknown = Buffer.from(short);
    unknown.writeUInt32BE(0xffffffff, 16);
    expect(await mp4Seconds(new Blob([box("moov", box("mvhd", unknown))]))).toBeUndefined();
  });

  test("whatever the bytes are, it says something true or nothing", async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.constantFrom("video/mp4", "video/webm", "audio/mpeg", "audio/wav"), fc.nat(film.length), async (noise, type, cut) => {
      for (const bytes of [noise, Buffer.concat([film.subarray(0, cut), noise])]) {
        const facts = await mediaFacts(new Blob([new Uint8Array(bytes)]), type);
        if (facts.duration !== undefined) expect(facts.duration).toBeGreaterThan(0);
      }
    }), { numRuns: 60 });
  });
});
