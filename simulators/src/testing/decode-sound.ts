import decodeFlac from "@audio/decode-flac";
import decodeMp3 from "@audio/decode-mp3";
import decodeOpus from "@audio/decode-opus";
import decodeWav from "@audio/decode-wav";

/** Decoded sound: samples by channel. */
export interface Sound {
  channelData: readonly Float32Array[];
  sampleRate: number;
}

const ADTS_RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
/** Samples in one AAC frame (ISO/IEC 13818-7). */
const AAC_FRAME_SAMPLES = 1_024;

/** Decodes a sound file of the kinds that OpenAI's speech gives, by decoders of others. Throws for what they refuse. AAC decoders are GPL, so of AAC only the frames are read. */
export async function decodeSound(file: Uint8Array | ArrayBuffer): Promise<Sound> {
  const bytes = file instanceof ArrayBuffer ? new Uint8Array(file) : file;
  const mark = String.fromCharCode(...bytes.subarray(0, 4));
  if (mark === "RIFF") return decodeWav(bytes);
  if (mark === "fLaC") return decodeFlac(bytes);
  if (mark === "OggS") return decodeOpus(bytes);
  if (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xf6) === 0xf0) return adtsFrames(bytes);
  return decodeMp3(bytes);
}

/** The frames of an ADTS stream (ISO/IEC 13818-7, 6.2), which must fill it to the last byte. */
function adtsFrames(bytes: Uint8Array): Sound {
  let frames = 0;
  let at = 0;
  const sampleRate = ADTS_RATES[((bytes[2] ?? 0) >> 2) & 0xf];
  if (sampleRate === undefined) throw new Error("no AAC sample rate");
  while (at < bytes.length) {
    if (bytes[at] !== 0xff || ((bytes[at + 1] ?? 0) & 0xf6) !== 0xf0) throw new Error(`no AAC frame at ${at}`);
    const length = (((bytes[at + 3] ?? 0) & 3) << 11) | ((bytes[at + 4] ?? 0) << 3) | ((bytes[at + 5] ?? 0) >> 5);
    if (length < 7 || at + length > bytes.length) throw new Error(`an AAC frame of ${length} bytes at ${at}`);
    at += length;
    frames += 1;
  }
  return { channelData: [new Float32Array(frames * AAC_FRAME_SAMPLES)], sampleRate };
}
