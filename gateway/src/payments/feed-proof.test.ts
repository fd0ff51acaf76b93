import { expect, test } from "bun:test";
import { isFeeds } from "./feed-proof.ts";

const NOW = 1_800_000_000_000;
const ofKey = (authorization: string | null, key: string | undefined = "secret-of-the-feed"): boolean => isFeeds(new Headers(authorization === null ? {} : { authorization }), Buffer.from("{}"), { key, secret: undefined }, NOW);

test("V07: the feed's key, and nothing like it", () => {
  for (const sent of ["Apikey secret-of-the-feed", "apikey secret-of-the-feed", " Apikey  secret-of-the-feed "]) expect(ofKey(sent), sent).toBe(true);
  for (const sent of [null, "", "Apikey", "Apikey ", "secret-of-the-feed", "Bearer secret-of-the-feed", "Apikey secret-of-the-fee", "Apikey secret-of-the-feed2", "Apikey SECRET-OF-THE-FEED"]) expect(ofKey(sent), String(sent)).toBe(false);
});

test("V07: what is not set proves nothing", () => {
  expect([isFeeds(new Headers({ authorization: "Apikey undefined" }), Buffer.from("{}"), { key: undefined, secret: "a secret of the feed" }, NOW), isFeeds(new Headers(), Buffer.from("{}"), { key: undefined, secret: "a secret of the feed" }, NOW)]).toEqual([false, false]);
  // Computed with `printf '1800000000.{}' | openssl dgst -sha256 -hmac 'a secret of the feed'`.
  const headers = new Headers({ "x-sepay-timestamp": "1800000000", "x-sepay-signature": "sha256=358171761d2a8d1af1f50aa6178cb94b8da767bc7702fad8126d1d54dcafaf99" });
  expect(isFeeds(headers, Buffer.from("{}"), { key: undefined, secret: "a secret of the feed" }, NOW)).toBe(true);
  expect(isFeeds(headers, Buffer.from("{}"), { key: "a secret of the feed", secret: undefined }, NOW)).toBe(false);
});
