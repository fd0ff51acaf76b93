/** Bytes of a box's head: size, type, and a long size where the first is 1 (ISO/IEC 14496-12, 4.2). */
const HEAD_BYTES = 16;
/** Of `mvhd` what is read: version, flags, two times, timescale and duration (8.2.2). */
const MOVIE_HEAD_BYTES = 32;
/** A file has some dozen boxes on its outermost level; a fragmented film some thousand, behind `moov`. */
const BOXES_MAX = 200;
const ALL_ONES = { short: 0xffffffff, long: 0xffffffffffffffffn };

/** Seconds of an MP4 or QuickTime film, out of its movie header, wherever it stands; undefined where it says nothing. Only heads of boxes are read. */
export async function mp4Seconds(file: Blob): Promise<number | undefined> {
  const movie = await box(file, "moov", 0, file.size);
  const header = movie && (await box(file, "mvhd", movie.from, movie.to));
  if (!header) return undefined;
  const bytes = new DataView(await file.slice(header.from, Math.min(header.to, header.from + MOVIE_HEAD_BYTES)).arrayBuffer());
  const long = bytes.byteLength >= 32 && bytes.getUint8(0) === 1;
  if (!long && bytes.byteLength < 20) return undefined;
  const scale = bytes.getUint32(long ? 20 : 12);
  const duration = long ? bytes.getBigUint64(24) : bytes.getUint32(16);
  return scale === 0 || duration === ALL_ONES.short || duration === ALL_ONES.long ? undefined : Number(duration) / scale;
}

/** The content of the first box of a type between two places. */
async function box(file: Blob, type: string, from: number, to: number): Promise<{ from: number; to: number } | undefined> {
  let at = from;
  for (let count = 0; count < BOXES_MAX && at + 8 <= to; count += 1) {
    const head = Buffer.from(await file.slice(at, Math.min(at + HEAD_BYTES, to)).arrayBuffer());
    const short = head.readUInt32BE(0);
    const length = short === 1 && head.length >= HEAD_BYTES ? Number(head.readBigUInt64BE(8)) : short === 0 ? to - at : short;
    const headBytes = short === 1 ? HEAD_BYTES : 8;
    if (length < headBytes) return undefined;
    if (head.toString("latin1", 4, 8) === type) return { from: at + headBytes, to: Math.min(at + length, to) };
    at += length;
  }
  return undefined;
}
