import { expect, test } from "bun:test";
import fc from "fast-check";
import { cpuOf } from "../testing/cpu.ts";
import { withoutSecrets } from "./without-secrets.ts";

test.each([
  ["an OpenAI key", "use sk-proj-abcDEF0123456789abcdef now", "use [key] now"],
  ["a Google key", "key=AIzaSyA-0123456789abcdefghijklmnop", "key=[key]"],
  ["an AWS key", "AKIAIOSFODNN7EXAMPLE", "[key]"],
  ["a GitHub token", "ghp_0123456789abcdefABCDEF0123456789abcd", "[key]"],
  ["a bearer token", "Authorization: Bearer abc.def-ghi_jkl", "Authorization: Bearer [key]"],
  ["a JSON web token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "[token]"],
  ["a password in JSON", String.raw`{"password": "hunter22!"}`, String.raw`{"password": "[key]"}`],
  ["a password in an address", "https://me:secret@host.example/x", "https://[password]@host.example/x"],
  ["a private key", "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "[key]"],
  ["an e-mail address", "write to jane.doe+x@mail.example.com.", "write to [e-mail]."],
  ["a card", "pay 4111 1111 1111 1111 now", "pay [card] now"],
  ["a picture", `data:image/png;base64,${"iVBORw0KGgo".repeat(100)}==`, "data:image/png;base64,[1102 characters of data]"],
])("V41: %s does not stay in a kept text", (_name, text, clean) => {
  expect(withoutSecrets(text)).toBe(clean);
});

test("ordinary words, code and numbers stay as they are", () => {
  const text = 'In 2026 we sold 1,234,567 units; call f(x) => { return "ok"; } at https://example.com/a?b=c, order 1234567890123, see RFC 9110 and tokens: 5';
  expect(withoutSecrets(text)).toBe(text);
});

test("whatever the text is, it comes to an end quickly", () => {
  const { ms } = cpuOf(() => {
    for (const text of ["a".repeat(300_000), "a@".repeat(100_000), "1 ".repeat(100_000), "eyJ".repeat(80_000), "Bearer ".repeat(40_000), '"password":'.repeat(20_000)]) withoutSecrets(text);
  });
  expect(ms).toBeLessThan(3_000);
  fc.assert(fc.property(fc.string(), (text) => typeof withoutSecrets(text) === "string"));
});
