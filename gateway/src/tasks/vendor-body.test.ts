import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "bun:test";
import { AssetStore } from "../assets/asset-store.ts";
import { DiskStorage } from "../assets/disk-storage.ts";
import { loadCatalog } from "../catalog/index.ts";
import type { BodyPieces } from "../dialects/canonical/body-pieces.ts";
import type { MediaRole, MediaWish } from "../dialects/canonical/media-wish.ts";
import { StandIns } from "../dialects/canonical/stand-ins.ts";
import { wholeBody } from "../egress/wire-body.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { MediaInput } from "../vendors/_kit/media/adapter.ts";
import { restored, stowed } from "./stow.ts";
import type { TaskRequest } from "./task.ts";
import { bodyOf } from "./vendor-body.ts";
import { mediaVendor } from "./vendor-call.ts";

const folder = mkdtempSync(join(tmpdir(), "yescale-vendor-body-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const assets = new AssetStore(new DiskStorage(folder, 0), 0);
/** Constructed: begins as a PNG in grey, and repeats after a prime number, so that no piece looks like its neighbour. */
const picture = (bytes: number, seed: number): Buffer => Buffer.from(Uint8Array.from({ length: bytes }, (_, index) => [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a][index] ?? (index < 100 ? 0 : (index * 7 + seed + (index % 251)) % 256)));
const uri = (bytes: Buffer): string => `data:image/png;base64,${bytes.toString("base64")}`;
const [LARGE, OTHER] = [picture(400_001, 1), picture(199_999, 2)];

/** What an order of it is on the wire, without the letters that are drawn for its form. */
function sent(vendor: string, model: string, input: MediaInput, files?: StandIns): string {
  try {
    const { call } = mediaVendor(vendor)?.media.submit({ taskId: "task-1", action: "make", model, input }) ?? {};
    const { body } = bodyOf(call ?? {}, files);
    return body === undefined ? "" : wholeBody(body).toString("latin1").replaceAll(/----yescale[0-9a-f-]{36}/g, "----");
  } catch (error) {
    if (error instanceof GatewayError) return error.publicText;
    throw error;
  }
}

const ROLES: readonly (readonly MediaRole[])[] = [["input"], ["first_frame", "last_frame"], ["reference", "style"], ["input", "mask"], ["character"], ["person", "garment"]];
const SOURCES = [...new Map(loadCatalog().models().flatMap((model) => (model.sources ?? []).map((source) => [`${source.vendor} ${source.model}`, { ...source, kind: model.kind ?? "image" }]))).values()].filter(({ vendor }) => mediaVendor(vendor));

test("a large file reaches every vendor byte for byte, in JSON and in forms, though no adapter has seen more than its ends", async () => {
  let large = 0;
  for (const { vendor, model, kind } of SOURCES)
    for (const roles of ROLES) {
      const wish: MediaWish = { kind, prompt: "a stone", images: roles.map((role, index) => ({ url: uri(index === 0 ? LARGE : OTHER), role })) };
      const row = JSON.parse(JSON.stringify(await stowed({ wish, withImages: true }, assets))) as TaskRequest;
      const whole = sent(vendor, model, { wish: (await restored(row, assets, { whole: true })).request.wish as MediaWish });
      const { request, files } = await restored(row, assets);
      expect(JSON.stringify(request).length).toBeLessThan(60_000);
      const same = sent(vendor, model, { wish: request.wish as MediaWish }, files) === whole;
      // What was fetched for a vendor that takes files only is bytes from the beginning.
      const fetched = new StandIns("0123456789abcdef0123456789abcdef");
      const images = roles.map((role, index) => ({ url: `data:image/png;base64,${fetched.ofFile(index === 0 ? LARGE : OTHER)}`, role }));
      const alike = sent(vendor, model, { wish: { ...wish, images } }, fetched) === whole;
      expect([vendor, model, roles, same, alike]).toEqual([vendor, model, roles, true, true]);
      if (whole.length > OTHER.length) large += 1;
    }
  // Most of them take pictures.
  expect(large).toBeGreaterThan(SOURCES.length);
}, 30_000);

test("words of a vendor's own: bare base64, lists, files and texts of a form, and a text that only looks like a file; what is not base64 comes whole", async () => {
  const json = { image: LARGE.toString("base64"), list: [{ uri: uri(OTHER), deep: `x${"ü😀".repeat(200_000)}` }], spaced: LARGE.toString("base64").replaceAll(/.{76}/g, "$&\r\n"), letters: "A".repeat(100_001), quoted: `${"B".repeat(60_000)}"` };
  const form = [{ name: "image", filename: "a.png", type: "image/png", bytes: LARGE }, { name: "text", value: uri(OTHER) }, { name: "prompt", value: "p" }];
  for (const part of [{ json }, { form }]) {
    const asked: TaskRequest = { native: { vendor: "kling", request: { path: "/x", ...part } }, withImages: true };
    const { request, files } = await restored(JSON.parse(JSON.stringify(await stowed(asked, assets))) as TaskRequest, assets);
    expect(sent("kling", "kling-v1", { native: { ...request.native?.request, path: "/x" } }, files)).toBe(sent("kling", "kling-v1", { native: { path: "/x", ...part } }));
    expect((await restored(JSON.parse(JSON.stringify(await stowed(asked, assets))) as TaskRequest, assets, { whole: true })).request).toEqual(asked);
  }
});

test("F30: no step on the way of a file of 25 MB works on more than a slice of it: it is never a text, and becomes bytes or base64 piece by piece", async () => {
  const letters = "QUJD".repeat(6_250_000);
  const row = await stowed({ wish: { kind: "video", images: [{ url: `data:image/png;base64,${letters}`, role: "first_frame" }] }, withImages: true }, assets);
  const { request, files } = await restored(row, assets);
  const url = request.wish?.images?.[0]?.url ?? "";
  expect(url.length).toBeLessThan(32_000);
  const asForm = bodyOf({ form: [{ name: "image", filename: "a.png", type: "image/png", base64: url.slice("data:image/png;base64,".length) }] }, files).body as BodyPieces;
  const pieces = [...asForm.pieces()].map(({ length }) => length);
  expect([Math.max(...pieces) <= 192 * 1024, pieces.reduce((sum, one) => sum + one, 0)]).toEqual([true, asForm.length]);
  // As JSON its middle is a part of what was read: nothing is made of it.
  const json = bodyOf({ json: { image_url: url } }, files).body as BodyPieces;
  expect(json.length).toBe(`{"image_url":"data:image/png;base64,"}`.length + letters.length);
  const [, middle, end] = [...json.pieces()];
  expect(middle?.buffer === end?.buffer).toBe(false);
  expect(middle?.length).toBeGreaterThan(letters.length - 32_000);
  // Bytes that were fetched go out as base64 in slices.
  const fetched = new StandIns("0123456789abcdef0123456789abcdef");
  const sliced = [...(bodyOf({ json: { data: fetched.ofFile(Buffer.alloc(18_750_000, 7)) } }, fetched).body as BodyPieces).pieces()].map(({ length }) => length);
  expect(Math.max(...sliced)).toBeLessThanOrEqual(256 * 1024);
});
