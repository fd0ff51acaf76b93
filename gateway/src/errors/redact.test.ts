import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { redact, redactBody } from "./redact.ts";

describe("V29: what identifies an account or its address is taken out", () => {
  test.each([
    ["Incorrect API key provided: sk-proj-********abcd.", "Incorrect API key provided: [key]."],
    ["key AIzaSyA1234567890abcdef refused", "key [key] refused"],
    ["Bearer abc.def.ghi-123", "Bearer [key]"],
    ["https://h.example/v1?key=abcdef123 and api_key=abcdef123 too", "[address] and api_key=[key] too"],
    ["organization org-AbCdEf123456 in project proj_0123abcd", "organization [account] in project [account]"],
    ["Consumer 'project_number:105712345678' of projects/105712345678", "Consumer '[account]' of [account]"],
    ["at 10.20.30.40:8443 or [2001:db8::1]:443 or fe80::1", "at [address] or [address] or [address]"],
    ["upstream api.internal-vendor.example (vllm.default.svc.cluster.local:8000)", "upstream [address] ([address])"],
    ["host gpu-1.corp and db.prod.internal. Done", "host [address] and [address]. Done"],
    ["localhost:3000", "[address]"],
  ])("%s", (text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  test.each([
    "messages.0.content.1.text: Field required", "gpt-4.1-mini and gemini-2.5-flash", "Unsupported value: 'response_format.json_schema.name'", "generationConfig.maxOutputTokens",
    "key_not_found", "organization_restricted", "user_location is not supported", "std::vector at 12:30:45", "v1.2.3", "tools.0.custom.input_schema", "project_not_ready", "the model is busy :: try again",
  ])("ordinary words stay: %s", (text) => {
    expect(redact(text)).toBe(text);
  });
});

describe("V29: a channel's own names", () => {
  test("a short host name goes where it stands alone, a credential wherever it stands", () => {
    expect(redact("cannot reach vm:3790 (http://vm:3790/v1), vmware is fine, VM too", ["http://vm:3790/v1", "vm:3790", "vm"])).toBe("cannot reach [redacted] ([redacted]), vmware is fine, [redacted] too");
    expect(redact("xx0123456789abcdefxx", ["0123456789abcdef"])).toBe("xx[redacted]xx");
  });

  test("longer names go first, whatever their order; empty ones and special characters do no harm", () => {
    expect(redact("a+b.c$ and a+b", ["", "a+b", "a+b.c$"])).toBe("[redacted] and [redacted]");
  });
});

describe("bodies", () => {
  test("V29: the members' names and the shape stay, values are cleaned at any depth", () => {
    const body = JSON.stringify({ error: { message: "error at vm: key sk-abcdefgh", details: [{ host: "vm", n: 1, b: null }] } });
    expect(JSON.parse(redactBody(body, ["vm", "error"]))).toEqual({ error: { message: "[redacted] at [redacted]: key [key]", details: [{ host: "[redacted]", n: 1, b: null }] } });
  });

  test("a body with nothing to hide stays byte for byte", () => {
    for (const body of ['{ "error" : {"message": "no",\n "x": 1.0} }', "<html>no</html>", ""]) expect(redactBody(body, ["vm"])).toBe(body);
  });

  test("V29: whatever the body, no secret of the channel is left in it, and JSON stays JSON", () => {
    const secret = "hq7-Secret/9";
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, around) => {
        const body = JSON.stringify({ value, text: `${around}${secret}${around}`, [`odd ${secret}`]: 1 });
        const clean = redactBody(body, [secret]);
        return !clean.includes(secret) && typeof JSON.parse(clean) === "object" && !redactBody(`<p>${around}${secret}`, [secret]).includes(secret);
      }),
    );
  });
});
