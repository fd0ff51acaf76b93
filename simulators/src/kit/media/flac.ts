/** FLAC with verbatim subframes, which hold the samples as they are (RFC 9639). */

const BLOCK_SAMPLES = 4_096;
const RATE = 24_000;

function crc(bytes: Uint8Array, bits: 8 | 16, polynomial: number): number {
  const top = 1 << (bits - 1);
  const mask = bits === 8 ? 0xff : 0xffff;
  let value = 0;
  for (const byte of bytes) {
    value ^= byte << (bits - 8);
    for (let bit = 0; bit < 8; bit += 1) value = (value & top ? (value << 1) ^ polynomial : value << 1) & mask;
  }
  return value;
}

/** A number as UTF-8 would code it, as frame heads do (RFC 9639, 9.1.5). */
const coded = (number: number): Buffer => Buffer.from(String.fromCodePoint(number), "utf8");

function frame(index: number, samples: Buffer): Buffer {
  // sync, fixed block size; 4,096 samples, 24 kHz; one channel, 16 bits
  const head = Buffer.concat([Buffer.from([0xff, 0xf8, 0xc7, 0x08]), coded(index)]);
  const withCheck = Buffer.concat([head, Buffer.from([crc(head, 8, 0x07)])]);
  // subframe head: verbatim
  const body = Buffer.concat([withCheck, Buffer.from([0x02]), Buffer.from(samples).swap16()]);
  const end = Buffer.alloc(2);
  end.writeUInt16BE(crc(body, 16, 0x8005));
  return Buffer.concat([body, end]);
}

/** Takes 16-bit little-endian mono samples at 24 kHz; gives the file's bytes. The last block is filled up with silence. */
export function flac(pcm: Buffer): Buffer {
  const frames = Math.max(Math.ceil(pcm.length / 2 / BLOCK_SAMPLES), 1);
  const samples = frames * BLOCK_SAMPLES;
  const padded = Buffer.concat([pcm, Buffer.alloc(samples * 2 - pcm.length)]);
  const info = Buffer.alloc(34);
  info.writeUInt16BE(BLOCK_SAMPLES, 0);
  info.writeUInt16BE(BLOCK_SAMPLES, 2);
  // 20 bits rate, 3 bits channels - 1, 5 bits bits - 1, 36 bits samples; the checksum of the samples may be left unknown (zeros)
  info.writeBigUInt64BE((BigInt(RATE) << 44n) | (15n << 36n) | BigInt(samples), 10);
  return Buffer.concat([
    Buffer.from("fLaC", "latin1"),
    Buffer.from([0x80, 0, 0, info.length]),
    info,
    ...Array.from({ length: frames }, (_, index) => frame(index, padded.subarray(index * BLOCK_SAMPLES * 2, (index + 1) * BLOCK_SAMPLES * 2))),
  ]);
}
