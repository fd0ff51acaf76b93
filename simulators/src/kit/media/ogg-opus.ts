/** Silent Opus in Ogg (RFC 7845): two head packets, then packets of 20 ms of silence, fifty to a page (RFC 3533). */

const SERIAL = 0x59455343;
/** Opus counts at 48 kHz whatever was recorded. */
const PACKET_SAMPLES = 960;
const PACKETS_A_PAGE = 50;
/** A mono CELT frame of silence: the table-of-contents byte and two bytes that every encoder writes for it. */
const SILENCE = Buffer.from([0xf8, 0xff, 0xfe]);
const PRE_SKIP = 312;

function checksum(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) {
    value = (value ^ (byte << 24)) >>> 0;
    for (let bit = 0; bit < 8; bit += 1) value = ((value & 0x8000_0000) !== 0 ? (value << 1) ^ 0x04c1_1db7 : value << 1) >>> 0;
  }
  return value;
}

function page(sequence: number, flags: number, granule: number, packets: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(27 + packets.length);
  head.write("OggS", 0, "latin1");
  head.writeUInt8(flags, 5);
  head.writeBigUInt64LE(BigInt(granule), 6);
  head.writeUInt32LE(SERIAL, 14);
  head.writeUInt32LE(sequence, 18);
  head.writeUInt8(packets.length, 26);
  for (const [index, packet] of packets.entries()) head.writeUInt8(packet.length, 27 + index);
  const whole = Buffer.concat([head, ...packets]);
  whole.writeUInt32LE(checksum(whole), 22);
  return whole;
}

/** Takes seconds; gives the file's bytes. */
export function oggOpus(seconds: number): Buffer {
  const first = Buffer.alloc(19);
  first.write("OpusHead", 0, "latin1");
  first.set([1, 1], 8);
  first.writeUInt16LE(PRE_SKIP, 10);
  first.writeUInt32LE(48_000, 12);
  const vendor = Buffer.from("sandbox");
  const tags = Buffer.alloc(8 + 4 + vendor.length + 4);
  tags.write("OpusTags", 0, "latin1");
  tags.writeUInt32LE(vendor.length, 8);
  vendor.copy(tags, 12);
  const pages = [page(0, 2, 0, [first]), page(1, 0, 0, [tags])];
  const packets = Math.max(Math.ceil((seconds * 48_000) / PACKET_SAMPLES), 1);
  for (let sent = 0; sent < packets; ) {
    const count = Math.min(PACKETS_A_PAGE, packets - sent);
    sent += count;
    pages.push(page(pages.length, sent === packets ? 4 : 0, sent * PACKET_SAMPLES, Array.from({ length: count }, () => SILENCE)));
  }
  return Buffer.concat(pages);
}
