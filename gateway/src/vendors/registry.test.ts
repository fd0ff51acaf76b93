import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { VENDORS as PLAYED } from "../../../simulators/src/registry.ts";
import { VENDORS } from "./registry.ts";

const rows = readFileSync(join(import.meta.dir, "../../../docs/vendors.md"), "utf8").split("\n").filter((line) => line.startsWith("| "));

test.each([...VENDORS.values()].map((vendor) => [vendor.id, vendor] as const))("%s stands in docs/vendors.md with its variables and address, and has a simulator", (id, vendor) => {
  const row = rows.find((line) => line.includes(`| \`${id}\` |`)) ?? "";
  const { keys, keyFiles = [], baseUrl, others = [] } = vendor.environment;
  for (const name of [...keys, ...keyFiles, baseUrl, ...others]) expect(row).toContain(`\`${name}\``);
  expect(row).toContain(vendor.defaultBaseUrl);
  expect(PLAYED.has(id)).toBe(true);
});
