/** The 44 bytes in front of 16-bit mono samples that make a WAV file of them (RIFF, one `fmt ` and one `data` chunk). `bytes`: length of the samples. */
export function wavHead(bytes: number, samplesASecond: number): Buffer {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + bytes, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(samplesASecond, 24);
  head.writeUInt32LE(samplesASecond * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(bytes, 40);
  return head;
}
