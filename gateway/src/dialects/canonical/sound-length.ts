/** Bytes a second of a file whose head tells nothing: 64 kbit/s, between what messengers (32) and music (128 and more) use. */
const BYTES_A_SECOND = 8_000;
/** A head that tells of fewer bytes a second is wrong: Opus writes about 200 for silence. */
const BYTES_A_SECOND_MIN = 100;
/** How far from either end of a file its length is looked for. */
const SEARCHED_BYTES = 256 * 1024;

/** Bit rates of MPEG audio layer III in kbit/s, by index (ISO/IEC 11172-3 and 13818-3). */
const MPEG1_RATES = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_RATES = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/**
 * The length of a sound file in seconds, from its own head where it has one (WAV, FLAC, Ogg Opus, MP4, MP3 of constant rate), else by its size: an estimate for holds,
 * and for transcriptions whose vendor reports no usage. The file is the caller's: nothing in it is trusted beyond the numbers, and they are bounded by the size.
 */
export function soundSeconds(file: Buffer): number {
  const told = fromHead(file);
  const bySize = file.length / BYTES_A_SECOND;
  return told !== undefined && told > 0 && told <= file.length / BYTES_A_SECOND_MIN ? told : bySize;
}

function fromHead(file: Buffer): number | undefined {
  const magic = file.toString("latin1", 0, 12);
  if (magic.startsWith("RIFF") && magic.endsWith("WAVE")) return wavSeconds(file);
  if (magic.startsWith("fLaC")) return flacSeconds(file);
  if (magic.startsWith("OggS")) return oggSeconds(file);
  if (magic.slice(4, 8) === "ftyp") return mp4Seconds(file);
  return mp3Seconds(file);
}

function wavSeconds(file: Buffer): number | undefined {
  const format = file.subarray(0, SEARCHED_BYTES).indexOf("fmt ");
  if (format < 0 || format + 20 > file.length) return undefined;
  const bytesPerSecond = file.readUInt32LE(format + 16);
  return bytesPerSecond > 0 ? (file.length - format - 24) / bytesPerSecond : undefined;
}

/** STREAMINFO: 20 bits samples a second, 36 bits samples (RFC 9639, 8.2). */
function flacSeconds(file: Buffer): number | undefined {
  if (file.length < 26) return undefined;
  const word = file.readBigUInt64BE(18);
  const rate = Number(word >> 44n);
  return rate > 0 ? Number(word & 0xf_ffff_ffffn) / rate : undefined;
}

/** The position of the last page; Opus counts at 48 kHz (RFC 7845, 4). Vorbis names its rate in the first page. */
function oggSeconds(file: Buffer): number | undefined {
  const last = file.lastIndexOf("OggS");
  if (last < 0 || last + 14 > file.length) return undefined;
  const vorbis = file.subarray(0, 64).indexOf("\x01vorbis", 0, "latin1");
  const rate = vorbis < 0 || vorbis + 16 > file.length ? 48_000 : file.readUInt32LE(vorbis + 12);
  return rate > 0 ? Number(file.readBigUInt64LE(last + 6)) / rate : undefined;
}

/** The movie header (ISO/IEC 14496-12, 8.2.2): time scale and duration; it stands near one of the ends. */
function mp4Seconds(file: Buffer): number | undefined {
  let at = file.subarray(0, SEARCHED_BYTES).indexOf("mvhd");
  if (at < 0) {
    const tail = Math.max(0, file.length - SEARCHED_BYTES);
    at = file.indexOf("mvhd", tail);
  }
  if (at < 0 || at + 36 > file.length) return undefined;
  const long = file[at + 4] === 1;
  const scale = file.readUInt32BE(at + (long ? 24 : 16));
  const duration = long ? Number(file.readBigUInt64BE(at + 28)) : file.readUInt32BE(at + 20);
  return scale > 0 ? duration / scale : undefined;
}

function mp3Seconds(file: Buffer): number | undefined {
  // An ID3v2 tag in front: its size has 7 bits a byte.
  const tag = file.length > 10 && file.toString("latin1", 0, 3) === "ID3" ? 10 + [6, 7, 8, 9].reduce((size, at) => size * 128 + ((file[at] as number) & 0x7f), 0) : 0;
  const [first, second, third] = [file[tag], file[tag + 1], file[tag + 2]];
  if (first !== 0xff || second === undefined || third === undefined || (second & 0xe6) !== 0xe2) return undefined;
  const rates = (second & 0x18) === 0x18 ? MPEG1_RATES : MPEG2_RATES;
  const kilobits = rates[third >> 4] ?? 0;
  return kilobits > 0 ? ((file.length - tag) * 8) / (kilobits * 1000) : undefined;
}
