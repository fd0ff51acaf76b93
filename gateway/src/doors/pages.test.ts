import { expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";
import { PAGES } from "../testing/pages/all.ts";
import { faultOf, HAS_FFPROBE } from "../testing/pages/media.ts";
import { type PageResult, runPages } from "../testing/pages/run.ts";

/** Every documented page: its request is answered as the page says, its task succeeds, its files open, and it costs what was quoted. The same rows go to a gateway that runs by `npm run pages`. */
const gateway = await testGateway();
const PNG_HEAD = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const caller = await gateway.newCaller("1000");

test("a file that is none of its kind is told: by its content type, by its first bytes", async () => {
  expect(await faultOf("film", "image/png", PNG_HEAD)).toContain("no film");
  expect(await faultOf("sound", "audio/mpeg", PNG_HEAD)).toContain("does not begin");
});

test.skipIf(!HAS_FFPROBE)("ffprobe opens the files of pages: one that only begins as a picture is told (skipped: ffprobe is not installed)", async () => {
  expect(await faultOf("picture", "image/png", PNG_HEAD)).toContain("ffprobe");
});

/** Places in the table of contents without a request of their own: guides, descriptions of objects, overviews, and samples of clients, which `npm run test:samples` runs. */
const READ_ONLY = new Set([1, 3, 10, 20, 22, 57, 102, 103, ...Array.from({ length: 16 }, (_, index) => 107 + index)].filter((place) => place !== 119));

test("no page of the table of contents is left out", () => {
  const told = PAGES.flatMap(({ page, ended }) => [...`${page}, ${ended?.page ?? ""}`.matchAll(/(?:^|, )(\d+) /g)].map(([, place]) => Number(place)));
  const wanted = Array.from({ length: 123 }, (_, index) => index + 1).filter((place) => !READ_ONLY.has(place));
  expect(wanted.filter((place) => !told.includes(place))).toEqual([]);
});

test("no two rows have one name", () => {
  expect(new Set(PAGES.map(({ page }) => page)).size).toBe(PAGES.length);
});

let results: ReadonlyMap<string, PageResult> = new Map();
test("all pages are sent", async () => {
  const told = await runPages(PAGES, { url: gateway.url, apiKey: caller.apiKey, accessKey: caller.accessKey });
  results = new Map(told.map((result) => [result.page, result]));
  expect(results.size).toBe(PAGES.length);
}, 120_000);

test.each(PAGES.map(({ page }) => page))("%s", (page) => {
  expect(results.get(page)?.faults).toEqual([]);
});

test("I6: after all of it nothing is held and the books are even", async () => {
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});
