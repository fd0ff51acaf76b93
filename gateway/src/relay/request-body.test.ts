import { expect, test } from "bun:test";
import type { RelayCall } from "./call.ts";
import { scanBody } from "./request-body.ts";

/** The border of the first slice that is checked for its encoding. */
const BORDER = 1024 * 1024;

const callWith = (body: Buffer) => ({ headers: { "content-type": "application/json" }, body }) as unknown as RelayCall;
/** A JSON body with `bytes` at `at`. */
function bodyWith(bytes: readonly number[], at: number): Buffer {
  const body = Buffer.alloc(BORDER + 4096, "a");
  body.write('{"model":"m","text":"', 0);
  body.write('"}', body.length - 2);
  body.set(bytes, at);
  return body;
}

test("S25: a character that lies across a slice's border is one character, wherever the border cuts it", async () => {
  for (const character of ["é", "€", "😀"]) {
    const bytes = [...Buffer.from(character)];
    for (let back = 0; back <= bytes.length; back += 1) {
      const scan = await scanBody(callWith(bodyWith(bytes, BORDER - back)));
      expect(scan.value("model")).toBe("m");
    }
  }
});

test("bytes that are no UTF-8 are refused, wherever they stand", async () => {
  for (const wrong of [[0xff], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0x80, 0x80, 0x80, 0x80, 0x80]])
    for (const at of [100, BORDER - 4, BORDER - 2, BORDER - 1, BORDER, BORDER + 2000]) await expect(scanBody(callWith(bodyWith(wrong, at)))).rejects.toThrow("UTF-8");
});
