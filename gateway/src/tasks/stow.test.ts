import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "bun:test";
import fc from "fast-check";
import { AssetStore } from "../assets/asset-store.ts";
import { DiskStorage } from "../assets/disk-storage.ts";
import type { JsonObject } from "../vendors/_kit/media/adapter.ts";
import { restored, stowed } from "./stow.ts";
import type { TaskRequest } from "./task.ts";

const folder = mkdtempSync(join(tmpdir(), "yescale-stow-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const assets = new AssetStore(new DiskStorage(folder, 0), 0);
const requestOf = (json: JsonObject): TaskRequest => ({ native: { vendor: "fal", request: { json } }, withImages: false });
const thereAndBack = async (request: TaskRequest): Promise<TaskRequest> => (await restored(JSON.parse(JSON.stringify(await stowed(request, assets))) as TaskRequest, assets, { whole: true })).request;

test("a large input leaves the row and comes back byte for byte; unknown members survive", async () => {
  const request = requestOf({ image_url: `data:image/png;base64,${"A".repeat(200_000)}`, nested: [{ unknown: null, deep: { text: "ü".repeat(20_000) } }], small: "x" });
  expect(JSON.stringify(await stowed(request, assets)).length).toBeLessThan(1_000);
  expect(await thereAndBack(request)).toEqual(request);
});

test("V06: a caller who writes our mark gets it back as the text it is, and no file of another", async () => {
  const secret = await assets.put(Buffer.from("another caller's picture"), "application/octet-stream");
  const request = requestOf({ prompt: `yescale-stowed:${secret.name}`, list: ["yescale-stowed:x"] });
  expect(await thereAndBack(request)).toEqual(request);
});

test("files of a form come back with name, type and bytes", async () => {
  const bytes = Buffer.from([0, 255, 10, 13, 128]);
  const request: TaskRequest = { native: { vendor: "ideogram", request: { path: "/v1/edit", form: [{ name: "prompt", value: "p".repeat(20_000) }, { name: "image", filename: "a.png", type: "image/png", bytes }] } }, withImages: true };
  expect(await thereAndBack(request)).toEqual(request);
});

test("any JSON survives, whatever its members are called", async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (json) => {
      expect(JSON.stringify(await thereAndBack(requestOf(json as JsonObject)))).toBe(JSON.stringify(requestOf(json as JsonObject)));
    }),
    { numRuns: 60 },
  );
});
