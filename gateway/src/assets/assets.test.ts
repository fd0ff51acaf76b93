import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assetRoute } from "../doors/assets.ts";
import { endingOf, newAssetName, readAssetName } from "./asset-name.ts";
import { AssetStore } from "./asset-store.ts";
import { DiskStorage } from "./disk-storage.ts";
import { sound } from "../../../simulators/src/kit/media/sound.ts";
import { video } from "../../../simulators/src/kit/media/video.ts";
import { mediaFacts } from "./media-facts.ts";
import { readable } from "./readable.ts";
import { S3Storage } from "./s3-storage.ts";
import { AssetError, type AssetSource, type AssetStorage } from "./storage.ts";
import { startTinyS3, type TinyS3 } from "./testing/tiny-s3.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 10, 12);
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47]);
const random = (count: number) => crypto.getRandomValues(new Uint8Array(count));
const reason = (call: Promise<unknown>) => call.then(() => "kept", (error: unknown) => (error instanceof AssetError ? error.reason : String(error)));
async function* pieces(count: number, bytes: number): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(bytes).fill(7);
  for (let index = 0; index < count; index += 1) yield piece;
}
async function* failing(): AsyncGenerator<Uint8Array> {
  yield PNG;
  throw new Error("the vendor left");
}

let folder: string;
let s3: TinyS3;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "yescale-assets-"));
  s3 = startTinyS3();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  s3.stop();
});

const STORAGES: [string, () => AssetStorage][] = [
  ["disk", () => new DiskStorage(mkdtempSync(join(folder, "disk-")), 0)],
  ["S3", () => new S3Storage({ endpoint: s3.url, bucket: `bucket${s3.newBucket()}`, region: "auto", accessKeyId: "key", secretAccessKey: "secret" })],
];

describe.each(STORAGES)("%s", (_name, make) => {
  const storeAt = (storage: AssetStorage, days: number) => {
    let now = START;
    const store = new AssetStore(storage, days, { now: () => now, randomBytes: random });
    return { store, later: (ms: number) => (now += ms) };
  };

  test("a file comes back as it was, with its size and digest", async () => {
    const { store } = storeAt(make(), 0);
    const source: AssetSource[] = [PNG, pieces(3, 1000)];
    for (const one of source) {
      const { name, bytes, sha256, expiresAt } = await store.put(one, "image/png");
      expect(expiresAt).toBeUndefined();
      const opened = await store.open(name);
      const found = new Uint8Array(await new Response(opened?.body(0, bytes)).arrayBuffer());
      expect(found.length).toBe(bytes);
      expect(opened?.size).toBe(bytes);
      expect(new Bun.CryptoHasher("sha256").update(found).digest("hex")).toBe(sha256);
      expect(await new Response(opened?.body(1, 3)).bytes()).toEqual(found.subarray(1, 3));
    }
  });

  test("K21: of a film and a sound that are kept, sides and length are told; only parts are read", async () => {
    const { store } = storeAt(make(), 0);
    for (const [bytes, type, facts] of [[video({ width: 640, height: 360, duration: 7, seed: "kept" }), "video/mp4", { width: 640, height: 360, duration: 7 }], [sound(3, "wav"), "audio/wav", { duration: 3 }]] as const) {
      const opened = await store.open((await store.put(new Uint8Array(bytes), type)).name);
      expect(opened && (await mediaFacts(readable(opened, type), type))).toEqual(facts);
    }
  });

  test("V30: unknown, altered and made-up names open nothing", async () => {
    const { store } = storeAt(make(), 0);
    const { name } = await store.put(PNG, "image/png");
    const other = newAssetName(START, "image/png", random);
    for (const wrong of [other, name.replace(".png", ".svg"), `${name}x`, name.toUpperCase(), `../${name}`, `%2e%2e/${name}`, "", ".", "unfinished", name.replace(/^\d{8}/, "20260111"), `${name.slice(0, 12)}/../${name}`])
      expect(await store.open(wrong)).toBeUndefined();
    expect(await store.open(name)).toBeDefined();
  });

  test("too much, or a source that breaks, leaves nothing behind", async () => {
    const storage = make();
    const { store, later } = storeAt(storage, 1);
    expect(await reason(store.put(pieces(11, 100), "video/mp4", 1000))).toBe("too_large");
    expect(await reason(store.put(pieces(10, 100), "video/mp4", 1000))).toBe("kept");
    expect(await reason(store.put(failing(), "image/png"))).not.toBe("kept");
    later(5 * DAY);
    await store.sweep();
    expect(await store.sweep()).toBe(0);
  });

  test("retention: a file lives its days, is closed at once after them, and is swept", async () => {
    const { store, later } = storeAt(make(), 2);
    const { name, expiresAt } = await store.put(PNG, "image/png");
    expect(expiresAt).toBe(Date.UTC(2026, 0, 13));
    later(2 * DAY);
    expect(await store.sweep()).toBe(0);
    expect(await store.open(name)).toBeDefined();
    later(DAY);
    expect(await store.open(name)).toBeUndefined();
    expect(await store.sweep()).toBe(1);
  });
});

describe("disk", () => {
  test("the floor of free space is kept, before and during a file", async () => {
    let free = 10_000_000;
    const home = mkdtempSync(join(folder, "floor-"));
    const store = new AssetStore(new DiskStorage(home, 1_000_000, () => Promise.resolve(free)), 0);
    expect(await reason(store.put(new Uint8Array(9_500_000), "image/png"))).toBe("no_space");
    expect(await reason(store.put(new Uint8Array(8_000_000), "image/png"))).toBe("kept");
    async function* shrinking(): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces(3, 40_000_000)) {
        free -= 5_000_000;
        yield piece;
      }
    }
    expect(await reason(store.put(shrinking(), "video/mp4"))).toBe("no_space");
    expect(readdirSync(join(home, "unfinished"))).toEqual([]);
  });

  test("what a crash left half-written goes when it is old", async () => {
    const home = mkdtempSync(join(folder, "left-"));
    mkdirSync(join(home, "unfinished"));
    for (const name of ["old", "new"]) writeFileSync(join(home, "unfinished", name), "x");
    utimesSync(join(home, "unfinished", "old"), new Date(0), new Date(0));
    await new DiskStorage(home, 0).sweep(() => false);
    expect(existsSync(join(home, "unfinished", "old"))).toBe(false);
    expect(existsSync(join(home, "unfinished", "new"))).toBe(true);
  });

  test("K22: a file of 512 MB goes through with flat memory", async () => {
    const store = new AssetStore(new DiskStorage(mkdtempSync(join(folder, "large-")), 0), 0);
    Bun.gc(true);
    const before = process.memoryUsage.rss();
    const { bytes } = await store.put(pieces(512, 1024 * 1024), "video/mp4");
    expect(bytes).toBe(512 * 1024 * 1024);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
  });
});

describe("names", () => {
  test("160 random bits, the day, an ending that we know", () => {
    const names = Array.from({ length: 200 }, () => newAssetName(START, "image/png", random));
    expect(new Set(names).size).toBe(200);
    for (const name of names) expect(name).toMatch(/^20260110-[0-9a-v]{32}\.png$/);
    expect(readAssetName(names[0] ?? "")?.day).toBe("20260110");
    expect(["image/jpeg; q=1", "AUDIO/MPEG", "image/svg+xml", "text/html", "audio/x-wav", ""].map(endingOf)).toEqual(["jpg", "mp3", "svg", "bin", "wav", "bin"]);
  });
});

describe("the door", () => {
  const store = () => new AssetStore(new DiskStorage(mkdtempSync(join(folder, "door-")), 0), 0);
  const get = (from: AssetStore, name: string, headers: Record<string, string> = {}, method = "GET") => assetRoute(from)(new Request(`http://x/assets/${name}`, { headers, method }), `/assets/${name}`);

  test("V40: active content is handed over as a file that runs nothing with our rights", async () => {
    const kept = store();
    const script = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    for (const [type, served] of [["image/svg+xml", "image/svg+xml"], ["text/html", "application/octet-stream"], ["application/xhtml+xml", "application/octet-stream"], ["text/javascript", "application/octet-stream"]] as const) {
      const { name } = await kept.put(script, type);
      const response = await get(kept, name);
      expect(response?.headers.get("content-type")).toBe(served);
      expect(response?.headers.get("content-disposition")).toBe(`attachment; filename="${name}"`);
      expect(response?.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response?.headers.get("content-security-policy")).toStartWith("sandbox; default-src 'none'");
    }
    const image = await get(kept, (await kept.put(PNG, "image/png")).name);
    expect(image?.headers.get("content-disposition")).toStartWith("inline");
    expect(image?.headers.get("content-security-policy")).toStartWith("sandbox");
  });

  test("ranges, HEAD, If-None-Match, and what is not there", async () => {
    const kept = store();
    const { name } = await kept.put(Buffer.from("0123456789"), "video/mp4");
    const range = async (field: string) => {
      const response = await get(kept, name, { range: field });
      return [response?.status, response?.headers.get("content-range"), await response?.text()];
    };
    expect(await range("bytes=2-4")).toEqual([206, "bytes 2-4/10", "234"]);
    expect(await range("bytes=8-")).toEqual([206, "bytes 8-9/10", "89"]);
    expect(await range("bytes=-3")).toEqual([206, "bytes 7-9/10", "789"]);
    expect(await range("bytes=0-99")).toEqual([206, "bytes 0-9/10", "0123456789"]);
    expect((await range("bytes=10-"))[0]).toBe(416);
    expect(await range("bytes=0-1,3-4")).toEqual([200, null, "0123456789"]);
    expect(await range("bytes=5-2")).toEqual([200, null, "0123456789"]);
    const head = await get(kept, name, {}, "HEAD");
    expect([head?.status, head?.headers.get("content-length"), await head?.text()]).toEqual([200, "10", ""]);
    expect((await get(kept, name, { "if-none-match": `"${name}"` }))?.status).toBe(304);
    for (const wrong of ["nothing", "../master-key", `${name}/..`, "..%2f..%2fetc%2fpasswd"]) expect((await get(kept, wrong))?.status).toBe(404);
    expect(assetRoute(kept)(new Request("http://x/assets/a", { method: "POST" }), "/assets/a")).toBeUndefined();
  });
});
