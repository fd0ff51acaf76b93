import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SecretBox } from "./secrets.ts";

const box = new SecretBox(SecretBox.newKey());
const other = new SecretBox(SecretBox.newKey());

describe("V34: sealed upstream credentials", () => {
  test("any text comes back whole, and its sealed form shows nothing of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (secret) => {
        const sealed = box.seal(secret);
        return box.open(sealed) === secret && (secret.length < 6 || !sealed.includes(secret)) && /^v1(\.[\w-]*){4}$/.test(sealed);
      }),
    );
  });

  test("the same secret never looks the same twice: a nonce is not used again", () => {
    const sealed = Array.from({ length: 1_000 }, () => box.seal("sk-secret"));
    expect(new Set(sealed.map((text) => text.split(".")[2])).size).toBe(1_000);
  });

  test("F29: another master key opens nothing, and says why", () => {
    expect(() => other.open(box.seal("sk-secret"))).toThrow("sealed with another master key");
  });

  test("an altered text opens nothing: every character of every part counts", () => {
    const sealed = box.seal("sk-secret");
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
      // The last character of a base64url part may carry spare bits; then the bytes are the same ones.
      const same = changed.split(".").every((part, index) => index < 2 ? part === sealed.split(".")[index] : Buffer.from(part, "base64url").equals(Buffer.from(sealed.split(".")[index] ?? "", "base64url")));
      if (!same) expect(() => box.open(changed), String(at)).toThrow();
    }
  });

  test.each(["", "v1", "sk-secret", "v2.a.b.c.d", "v1....", "v1.a.b.c"])("%p is no sealed secret", (text) => {
    expect(() => box.open(text)).toThrow();
  });

  test("a shortened tag is refused: GCM would check only what it is given", () => {
    const parts = box.seal("sk-secret").split(".");
    parts[3] = Buffer.from(parts[3] ?? "", "base64url").subarray(0, 4).toString("base64url");
    expect(() => box.open(parts.join("."))).toThrow();
  });

  test("F29: a master key of another length is refused", () => {
    for (const length of [0, 16, 31, 33]) expect(() => new SecretBox(Buffer.alloc(length))).toThrow("32 bytes");
  });
});
