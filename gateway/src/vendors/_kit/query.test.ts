import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { VENDORS } from "../registry.ts";
import { keptQuery } from "./query.ts";

describe("V03: of a caller's query a vendor gets what it is known to need, and nothing else", () => {
  test.each([
    ["?alt=sse", "?alt=sse"],
    ["?%61lt=s%73e", "?alt=sse"],
    ["?alt=sse&alt=proto", ""],
    ["?alt=proto", ""],
    ["?ALT=sse", ""],
    ["?fields=candidates&access_token=zzz&%6Bey=a&key=b&alt=sse&$fields=x&%24alt=proto", "?alt=sse"],
    ["?", ""],
    ["", ""],
    ["?%zz=1&alt=%zz", ""],
  ])("%s becomes %s", (query, kept) => {
    expect(keptQuery(query, { alt: ["sse"] })).toBe(kept);
  });

  test("V36: no query of a caller changes path, model or origin of any vendor's address, nor says which fields come back", () => {
    for (const vendor of VENDORS.values()) {
      const endpoint = { name: "x", upstreamPath: "/v1beta/models/{model}:streamGenerateContent", billable: true, stream: true };
      const plain = vendor.address("http://vendor.test/v1", endpoint, "m", "");
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.oneof(fc.constantFrom("fields", "key", "access_token", "alt", "beta", "model", "$fields", "callback"), fc.string()), fc.string())), (pairs) => {
          const query = pairs.length === 0 ? "" : `?${pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&")}`;
          const address = vendor.address("http://vendor.test/v1", endpoint, "m", query);
          return address === plain || address === `${plain}?alt=sse` || address === `${plain}?alt=json` || address === `${plain}?beta=true` || address === `${plain}?output_format=mp3_44100_128`;
        }),
      );
    }
  });

  test("a whole answer is never asked for as events", () => {
    const endpoint = { name: "x", upstreamPath: "/v1beta/models/{model}:generateContent", billable: true, stream: false };
    expect(VENDORS.get("gemini")?.address("http://v.test", endpoint, "m", "?alt=sse")).toBe("http://v.test/v1beta/models/m:generateContent");
  });
});
