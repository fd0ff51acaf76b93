/**
 * Real sound files: a soft tone where samples are written (WAV, PCM, FLAC), silence in the coded formats, whose frames can then be written by hand.
 * All are mono; the length is that of the wish, to a frame.
 */
import { flac } from "./flac.ts";
import { oggOpus } from "./ogg-opus.ts";

/** Formats that speech comes in. `pcm`: signed 16-bit little-endian samples without a head. */
export type SoundFormat = "mp3" | "opus" | "aac" | "flac" | "wav" | "pcm";

/** The media type of each format. */
export const SOUND_TYPES: Record<SoundFormat, string> = {
  mp3: "audio/mpeg",
  opus: "audio/ogg",
  aac: "audio/aac",
  flac: "audio/flac",
  wav: "audio/wav",
  pcm: "audio/pcm",
};

/** Samples a second of everything but Opus: what OpenAI's speech has. */
export const SAMPLE_RATE = 24_000;
const TONE_HERTZ = 220;
const TONE_HEIGHT = 2_000;

/** Takes seconds; gives samples of a tone. */
export function pcm(seconds: number, rate: number = SAMPLE_RATE): Buffer {
  const samples = Buffer.alloc(Math.round(seconds * rate) * 2);
  for (let index = 0; index * 2 < samples.length; index += 1)
    samples.writeInt16LE(Math.round(Math.sin((2 * Math.PI * TONE_HERTZ * index) / rate) * TONE_HEIGHT), index * 2);
  return samples;
}

/** RIFF WAVE with one `fmt ` and one `data` chunk. */
function wav(seconds: number): Buffer {
  const data = pcm(seconds);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + data.length, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(SAMPLE_RATE, 24);
  head.writeUInt32LE(SAMPLE_RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

/** Bytes and samples of an MP3 frame: MPEG-2 layer III, 64 kbit/s, 24 kHz, mono (ISO/IEC 13818-3). Side information of zeros is silence. */
const MP3_FRAME = { bytes: 192, samples: 576, head: [0xff, 0xf3, 0x84, 0xc4] };

function mp3(seconds: number): Buffer {
  const frame = Buffer.alloc(MP3_FRAME.bytes);
  frame.set(MP3_FRAME.head);
  const count = Math.max(Math.ceil((seconds * SAMPLE_RATE) / MP3_FRAME.samples), 1);
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

/** One silent mono frame of AAC-LC (raw_data_block of ISO/IEC 14496-3), 1,024 samples. */
const AAC_SILENCE = Buffer.from([0x00, 0xc8, 0x00, 0x80, 0x23, 0x80]);
const AAC_SAMPLES = 1_024;

function aac(seconds: number): Buffer {
  const length = AAC_SILENCE.length + 7;
  // ADTS head: AAC-LC, sampling index 6 (24 kHz), one channel, no checksum
  const head = Buffer.from([0xff, 0xf1, 0x40 | (6 << 2), 0x40 | (length >> 11), (length >> 3) & 0xff, ((length & 7) << 5) | 0x1f, 0xfc]);
  const frame = Buffer.concat([head, AAC_SILENCE]);
  const count = Math.max(Math.ceil((seconds * SAMPLE_RATE) / AAC_SAMPLES), 1);
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

/** Takes seconds and a format; gives the file's bytes. */
export function sound(seconds: number, format: SoundFormat): Buffer {
  switch (format) {
    case "mp3":
      return mp3(seconds);
    case "opus":
      return oggOpus(seconds);
    case "aac":
      return aac(seconds);
    case "flac":
      return flac(pcm(seconds));
    case "wav":
      return wav(seconds);
    default:
      return pcm(seconds);
  }
}

/** Bytes a second assumed of a file that is no WAV: those of the MP3 above. */
const BYTES_A_SECOND = 8_000;

/** Takes a sound file; gives its length in seconds: exact for a WAV, else by its size. */
export function secondsOf(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length >= 44 && buffer.toString("latin1", 0, 4) === "RIFF") {
    const rate = buffer.readUInt32LE(28);
    return rate > 0 ? (buffer.length - 44) / rate : 0;
  }
  return buffer.length / BYTES_A_SECOND;
}

/** Characters spoken a second at normal speed; the number is ours. */
const CHARACTERS_A_SECOND = 15;

/** Takes a text and a speed (1 is normal); gives how long it takes to say it, in seconds. */
export const spokenSeconds = (text: string, speed = 1): number => Math.max(text.length, 1) / CHARACTERS_A_SECOND / speed;
