import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { seedream } from "./seedream.ts";

const CHINA = "https://ark.cn-beijing.volces.com/api/v3";
const request = { prompt: "x", n: 1, size: undefined, pictures: [], links: [], mask: undefined, extras: [], members: {} };
const bodyOf = (model: string, more: object = {}, baseUrl = CHINA): Record<string, unknown> => seedream({ ...request, ...more }, model, baseUrl).body;

describe("Seedream's words", () => {
  test("BytePlus has the same models without the prefix", () => {
    const model = "doubao-seedream-4-5-251128";
    expect(bodyOf(model)["model"]).toBe(model);
    expect(bodyOf(model, {}, "https://ark.ap-southeast.bytepluses.com/api/v3")["model"]).toBe("seedream-4-5-251128");
    expect(bodyOf("ep-2025-abc", {}, "https://ark.ap-southeast.bytepluses.com/api/v3")["model"]).toBe("ep-2025-abc");
  });

  test.each([["doubao-seedream-4-0-250828", 921_600, 16_777_216], ["doubao-seedream-4-5-251128", 3_686_400, 16_777_216], ["doubao-seedream-5-0-260128", 3_686_400, 10_404_496]])("%s: any size comes into its range and keeps its shape", (model, least, most) => {
    const side = fc.integer({ min: 16, max: 20_000 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        fc.pre(Math.max(width, height) <= 16 * Math.min(width, height));
        const [w = 0, h = 0] = String(bodyOf(model, { size: { width, height } })["size"]).split("x").map(Number);
        expect(w * h).toBeGreaterThanOrEqual(least);
        expect(w * h).toBeLessThanOrEqual(most);
        expect(Math.max(w, h) / Math.min(w, h)).toBeLessThanOrEqual(16);
        expect(Math.abs(Math.log(w / h) - Math.log(width / height))).toBeLessThan(0.01);
        if (width * height >= least && width * height <= most) expect([w, h]).toEqual([width, height]);
      }),
    );
  });

  test("a member that is null says nothing; the caller's wish for a mark goes on", () => {
    expect(bodyOf("seedream", { members: { seed: null, watermark: true } })).toEqual({ model: "seedream", prompt: "x", watermark: true, response_format: "b64_json" });
  });
});
