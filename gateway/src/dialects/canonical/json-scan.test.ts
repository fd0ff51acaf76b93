import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../../errors/gateway-error.ts";
import { applyEdits, JsonScan, scanJson } from "./json-scan.ts";

const bytes = (text: string): Buffer => Buffer.from(text);

describe("JsonScan", () => {
  test("finds every member of any object at its exact bytes, in slices of any size", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.boolean(), fc.integer({ min: 1, max: 40 }), (object, pretty, slice) => {
        const text = JSON.stringify(object, null, pretty ? 2 : undefined);
        const scan = new JsonScan(bytes(text));
        while (!scan.run(slice)) continue;
        const parsed = JSON.parse(text) as Record<string, unknown>;
        expect(scan.members.map((member) => scan.nameOf(member))).toEqual(Object.keys(parsed));
        for (const name of Object.keys(parsed)) expect(JSON.stringify(scan.value(name))).toBe(JSON.stringify(parsed[name]));
      }),
    );
  });

  test("refuses what is no JSON object, and says where", () => {
    for (const text of ["", "[]", "1", '"a"', "{", '{"a":1', '{"a" 1}', '{"a":1,}', '{"a":[1 2]}', '{"a":tru}', '{"a":01}', '{"a":1}x', '{"a":"b', "{a:1}", '{"a":]}', '{"a":[}'])
      expect(() => scanJson(bytes(text)), text).toThrow(GatewayError);
  });

  test("V23: nesting beyond the limit is refused without recursion", () => {
    expect(() => scanJson(bytes(`{"a":${"[".repeat(10_000)}`))).toThrow("nested too deeply");
  });

  test("V36: a member's name written with escapes is the same member", () => {
    expect(scanJson(bytes('{"mod\\u0065l":"x"}')).value("model")).toBe("x");
  });

  test("base64 media is told from text", () => {
    const scan = scanJson(bytes(JSON.stringify({ image: "A".repeat(5_000), text: "word ".repeat(1_000) })));
    expect(scan.mediaCount).toBe(1);
    expect(scan.textBytes).toBeGreaterThan(5_000);
    expect(scan.textBytes).toBeLessThan(5_100);
  });
});

describe("applyEdits", () => {
  test("changes what is named and no other byte", () => {
    const text = '{ "model" : "a",\n "x":[1, 2.50] }';
    const scan = scanJson(bytes(text));
    const member = scan.member("model");
    const edited = applyEdits(scan.bytes, [{ start: member?.start ?? 0, end: member?.end ?? 0, text: '"b"' }]);
    expect(edited.toString()).toBe(text.replace('"a"', '"b"'));
  });
});
