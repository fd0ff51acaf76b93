import { expect, test } from "bun:test";
import fc from "fast-check";
import { wholeBody } from "../../egress/wire-body.ts";
import { Base64Lifter } from "./base64-lifter.ts";
import { isBase64 } from "./base64.ts";
import { BodyPieces } from "./body-pieces.ts";
import { LARGE_STRING_BYTES_MIN, scanJson } from "./json-scan.ts";
import { StandIns } from "./stand-ins.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
/** Constructed: bytes that repeat after a prime number, so that no piece looks like its neighbour. */
const file = (bytes: number): Buffer => Buffer.from(Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + (index % 251)) % 256));
const base64 = (bytes: number): string => file(bytes).toString("base64");

/** The text of a body with stand-ins, looked through in slices of that size. */
function lifted(json: string, slice = 1_000_000): { text: string; standIns: StandIns } {
  const lifter = new Base64Lifter(scanJson(Buffer.from(json)));
  while (!lifter.run(slice));
  const standIns = new StandIns(SECRET);
  return { text: lifter.text(standIns), standIns };
}

/** The bytes that a text with stand-ins stands for. */
const restored = (text: string, standIns: StandIns): string | undefined => {
  const body = standIns.restore(Buffer.from(text));
  return body && wholeBody(body).toString();
};

test("large base64 is left out of the text that is parsed, and comes back byte for byte, bare, as a data URL, with slashes escaped as PHP does, in slices of any size", () => {
  const data = base64(200_000);
  const bodies = [
    JSON.stringify({ a: data, b: [`data:image/png;base64,${data}`, "ü", data.slice(0, -1)] }),
    JSON.stringify({ a: `data:image/png;base64,${data}` }).replaceAll("/", "\\/"),
  ];
  for (const json of bodies)
    for (const slice of [1_000, 65_537, 10_000_000]) {
      const { text, standIns } = lifted(json, slice);
      expect(text.length).toBeLessThan(json.length / 8);
      expect(restored(text, standIns)).toBe(json);
      // A codec parses it and writes it again: what it wrote means the same.
      expect(JSON.parse(restored(JSON.stringify(JSON.parse(text)), standIns) ?? "")).toEqual(JSON.parse(json));
    }
});

test("a stand-in begins and ends as the whole does, and is base64 just if the whole is", () => {
  for (const rest of [0, 1, 2, 3]) {
    const whole = base64(99_999).slice(0, 130_000 + rest);
    const { text } = lifted(JSON.stringify({ a: whole }));
    const { a } = JSON.parse(text) as { a: string };
    expect(a.length).toBeLessThan(30_000);
    expect([a.slice(0, 16_000), a.slice(-4_096), a.length % 4]).toEqual([whole.slice(0, 16_000), whole.slice(-4_096), rest]);
    expect(isBase64(a)).toBe(isBase64(whole));
  }
});

test("equal strings have equal stand-ins, and others of the same ends have not: codecs compare ids", () => {
  const data = base64(200_000);
  const other = `${data.slice(0, 50_000)}${data.slice(50_000, 50_001) === "A" ? "B" : "A"}${data.slice(50_001)}`;
  const json = JSON.stringify({ a: data, b: other, c: data, d: other });
  const { text, standIns } = lifted(json);
  const { a, b, c, d } = JSON.parse(text) as Record<string, string>;
  expect([a === c, b === d, a === b]).toEqual([true, true, false]);
  expect(restored(text, standIns)).toBe(json);
  expect(restored(JSON.stringify({ a, b }), standIns)).toBe(JSON.stringify({ a: data, b: other }));
});

test("what is not base64 in its middle stays in the text", () => {
  const data = base64(100_000);
  const middle = 70_000;
  for (const foreign of ["-", "_", " ", "=", "ü", "\\n", "\\u0041", "\\\\"]) {
    const json = `{"a":"${data.slice(0, middle)}${foreign}${data.slice(middle)}"}`;
    expect(lifted(json).text).toBe(json);
  }
  const short = JSON.stringify({ a: data.slice(0, LARGE_STRING_BYTES_MIN - 1) });
  expect(lifted(short).text).toBe(short);
});

test("a mark that was lost or broken on the way is seen", () => {
  const { text, standIns } = lifted(JSON.stringify({ a: base64(100_000), b: base64(100_001) }));
  expect(standIns.restore(Buffer.from(JSON.stringify({ a: (JSON.parse(text) as { a: string }).a })))).toBeUndefined();
  expect(standIns.restore(Buffer.from(text.replace(SECRET, `${SECRET}9`)))).toBeUndefined();
  expect(standIns.restore(Buffer.from(text))).toBeDefined();
  const more = standIns.copy();
  more.ofFile(file(100_000));
  expect([more.restore(Buffer.from(text)), standIns.restore(Buffer.from(text)) !== undefined]).toEqual([undefined, true]);
});

test("files of any size are written as their base64", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 4 }), fc.string(), (sizes, around) => {
      const standIns = new StandIns(SECRET);
      const written = JSON.stringify([around, ...sizes.map((size) => standIns.ofFile(file(size)))]);
      const body = standIns.restore(Buffer.from(written));
      const wanted = JSON.stringify([around, ...sizes.map(base64)]);
      expect(body && body.length).toBe(Buffer.byteLength(wanted));
      expect(body && wholeBody(body).toString() === wanted).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test("a body in pieces can be sent twice", () => {
  const body = new BodyPieces([Buffer.from("a"), { base64Of: file(1_000_000) }, Buffer.from("b")]);
  const wanted = `a${base64(1_000_000)}b`;
  for (const _ of [1, 2]) expect(wholeBody(body).toString() === wanted).toBe(true);
  expect(body.length).toBe(wanted.length);
});
