import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sound } from "../../../../simulators/src/kit/media/sound.ts";
import { soundSeconds } from "./sound-length.ts";

/** An MP4 movie header of version 0 in front of that many bytes (ISO/IEC 14496-12, 8.2.2), constructed. */
function mp4(seconds: number, bytes: number): Buffer {
  const file = Buffer.alloc(bytes);
  file.write("\0\0\0\x18ftypM4A ", 0, "latin1");
  file.write("mvhd", 100, "latin1");
  file.writeUInt32BE(1_000, 116);
  file.writeUInt32BE(seconds * 1_000, 120);
  return file;
}

describe("the length of a sound file", () => {
  test.each(["wav", "flac", "opus", "mp3"] as const)("%s tells it itself", (format) => {
    expect(soundSeconds(sound(6, format))).toBeCloseTo(6, 0);
  });

  test("MP4 by its movie header, near either end", () => {
    expect(soundSeconds(mp4(90, 500_000))).toBe(90);
  });

  test("unknown files, and heads that cannot be true, by size", () => {
    expect(soundSeconds(Buffer.alloc(16_000))).toBe(2);
    expect(soundSeconds(mp4(100_000, 16_000))).toBe(2);
  });

  test("property: any bytes give a number that the size bounds", () => {
    const start = fc.constantFrom("RIFF____WAVEfmt ", "fLaC", "OggS", "____ftyp", "ID3", "\xff\xfb");
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), (head, rest) => {
        const file = Buffer.concat([Buffer.from(head, "latin1"), rest]);
        const seconds = soundSeconds(file);
        expect(seconds).toBeGreaterThanOrEqual(0);
        expect(seconds).toBeLessThanOrEqual(file.length / 100);
      }),
    );
  });
});
