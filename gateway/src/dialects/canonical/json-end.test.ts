import { expect, test } from "bun:test";
import fc from "fast-check";
import { JsonEnd } from "./json-end.ts";

test("complete with the last letter of an object and not before, whatever the pieces", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.integer({ min: 1, max: 9 }), (value, size) => {
    const text = JSON.stringify(value);
    const end = new JsonEnd();
    for (let at = 0; at < text.length - 1; at += size) end.push(text.slice(at, Math.min(at + size, text.length - 1)));
    expect(end.complete).toBe(false);
    end.push(text.slice(-1));
    expect(end.complete).toBe(true);
  }));
});
