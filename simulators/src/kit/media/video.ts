/** Real video: an MP4 file (ISO/IEC 14496-12, -14 and -15) with one track of H.264, a few kilobytes whatever its length. */
import { h264 } from "./h264.ts";

/** Which video. */
export interface VideoWish {
  /** sides in pixels; odd ones become the next even number */
  width: number;
  height: number;
  /** seconds */
  duration: number;
  /** decides the colour */
  seed: string;
}

/** Frames a second: what most of the vendors' films have. */
const FRAME_RATE = 24;
/** Ticks a second of the track's clock: whole numbers for the usual frame rates. */
const TIMESCALE = 12_288;
const TICKS_A_FRAME = TIMESCALE / FRAME_RATE;
/** Samples between two that can be decoded alone; a file of one colour needs only the first. */
const FIRST_SAMPLE = 1;

const u8 = (...values: number[]): Buffer => Buffer.from(values);
function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}
function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}
const text = (value: string): Buffer => Buffer.from(value, "latin1");

function box(type: string, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(body.length + 8), text(type), body]);
}
/** A box with version 0 and flags. */
const full = (type: string, flags: number, ...parts: Uint8Array[]): Buffer => box(type, u32(flags), ...parts);

/** The matrix that leaves a picture as it is (14496-12, 6.2.2). */
const UNTURNED = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
/** "und" in three times five bits. */
const NO_LANGUAGE = 0x55c4;

function avc1(width: number, height: number, sps: Uint8Array, pps: Uint8Array): Buffer {
  const config = box("avcC", u8(1, sps[1] ?? 0, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe1), u16(sps.length), sps, u8(1), u16(pps.length), pps);
  // 72 dpi, one frame a sample, no compressor name, 24 bits deep
  return box("avc1", u8(0, 0, 0, 0, 0, 0), u16(1), Buffer.alloc(16), u16(width, height), u32(0x480000, 0x480000, 0), u16(1), Buffer.alloc(32), u16(24, 0xffff), config);
}

/** Takes a wish; gives the file's bytes, the same for the same wish. */
export function video(wish: VideoWish): Uint8Array {
  const [width, height] = [Math.ceil(wish.width / 2) * 2, Math.ceil(wish.height / 2) * 2];
  const count = Math.max(Math.round(wish.duration * FRAME_RATE), 1);
  const hash = Bun.hash(wish.seed);
  const part = (index: number, from: number, range: number): number => from + (Number((hash >> BigInt(index * 8)) & 0xffn) % range);
  const coded = h264(width, height, count, { y: part(0, 60, 140), cb: part(1, 48, 160), cr: part(2, 48, 160) });
  const samples = coded.frames.map((frame) => Buffer.concat([u32(frame.length), frame]));
  const ticks = count * TICKS_A_FRAME;
  const milliseconds = Math.round((count / FRAME_RATE) * 1000);
  const head = box("ftyp", text("isom"), u32(0x200), text("isomiso2avc1mp41"));
  const film = (offset: number): Buffer => {
    const table = box(
      "stbl",
      full("stsd", 0, u32(1), avc1(width, height, coded.sps, coded.pps)),
      full("stts", 0, u32(1, count, TICKS_A_FRAME)),
      full("stss", 0, u32(1, FIRST_SAMPLE)),
      full("stsc", 0, u32(1, 1, count, 1)),
      full("stsz", 0, u32(0, count, ...samples.map((sample) => sample.length))),
      full("stco", 0, u32(1, offset)),
    );
    const media = box(
      "mdia",
      full("mdhd", 0, u32(0, 0, TIMESCALE, ticks), u16(NO_LANGUAGE, 0)),
      full("hdlr", 0, u32(0), text("vide"), Buffer.alloc(12), text("VideoHandler\0")),
      box("minf", full("vmhd", 1, Buffer.alloc(8)), box("dinf", full("dref", 0, u32(1), full("url ", 1))), table),
    );
    const track = box("trak", full("tkhd", 3, u32(0, 0, 1, 0, milliseconds, 0, 0), u16(0, 0, 0, 0), UNTURNED, u32(width << 16, height << 16)), media);
    return box("moov", full("mvhd", 0, u32(0, 0, 1000, milliseconds, 0x10000), u16(0x100, 0), u32(0, 0), UNTURNED, Buffer.alloc(24), u32(2)), track);
  };
  // the table of places has the same length whatever stands in it
  const offset = head.length + film(0).length + 8;
  return Buffer.concat([head, film(offset), box("mdat", ...samples)]);
}
