import { expect, test } from "bun:test";
import fc from "fast-check";
import { readJson } from "./read-json.ts";

const bodyOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

test("a body is what JSON.parse makes of it, large files or not", async () => {
  const file = fc.integer({ min: 0, max: 3 }).chain((kind) => fc.constantFrom("A", "b", "0", "+", "/").map((letter) => `${["data:image/png;base64,", "", "data:video/mp4;base64,", "é"][kind]}${letter.repeat(kind === 3 ? 10 : 70_000)}`));
  const value = fc.letrec((tie) => ({ any: fc.oneof({ maxDepth: 3 }, fc.string({ unit: "binary" }), file, fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie("any"), { maxLength: 3 }), fc.dictionary(fc.string(), tie("any"), { maxKeys: 3 })) })).any;
  await fc.assert(fc.asyncProperty(fc.dictionary(fc.string(), value, { maxKeys: 4 }), async (object) => {
    const bytes = bodyOf(object);
    expect(await readJson(bytes)).toEqual(JSON.parse(bytes.toString("utf8")));
  }), { numRuns: 60 });
});

test("escapes within a large file, and what is no JSON", async () => {
  const escaped = `{"a":"data:image/png;base64,${"A".repeat(40_000)}\\/${"A".repeat(40_000)}"}`;
  expect(await readJson(Buffer.from(escaped))).toEqual(JSON.parse(escaped));
  for (const wrong of ["", "{", `{"a":"${"A".repeat(70_000)}`, `{"a":"${"A".repeat(70_000)}",}`, "{\"a\":\"\xff\"}"]) expect(await readJson(Buffer.from(wrong, "latin1")).then(() => "read", (error: { gatewayErrorName: string }) => error.gatewayErrorName)).toBe("invalidJson");
});

test("25 MB of base64 hold nobody up for long, and a body of as much other JSON is refused", async () => {
  const bytes = bodyOf({ prompt: "x", image: `data:image/png;base64,${"QUJD".repeat(6_500_000)}` });
  await readJson(bytes);
  let worst = 0;
  let last = performance.now();
  const beat = setInterval(() => {
    worst = Math.max(worst, performance.now() - last);
    last = performance.now();
  }, 1);
  await Bun.sleep(20);
  await readJson(bytes);
  clearInterval(beat);
  expect(worst).toBeLessThan(100);
  const many = bodyOf({ list: Array.from({ length: 500_000 }, (_, index) => `text ${index}`) });
  expect(await readJson(many).then(() => "read", (error: { gatewayErrorName: string }) => error.gatewayErrorName)).toBe("tooLarge");
});
