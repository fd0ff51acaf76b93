import { afterAll, expect, test } from "bun:test";
import { systemClock } from "../clock/clock.ts";
import type { Codec } from "../dialects/canonical/codec.ts";
import type { CanonicalRequest } from "../dialects/canonical/request.ts";
import { needsBytes } from "../dialects/gemini/media.ts";
import { mediaToResolve, type NeedsBytes, withMedia } from "../dialects/canonical/remote-media.ts";
import { CODECS, NEEDS_BYTES } from "../dialects/registry.ts";
import { Deadlines } from "../egress/deadlines.ts";
import { FetchRules } from "../egress/guarded/fetch-rules.ts";
import { GuardedFetcher } from "../egress/guarded-fetch.ts";
import { ConnectionPool } from "../egress/http1/pool.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { FetchedFiles } from "./fetched-media.ts";

/** A PNG of one pixel, constructed from the PNG specification. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const asked: string[] = [];
const site = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request) {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    return pathname === "/a.pdf" ? new Response("%PDF-1.4\n%%EOF\n", { headers: { "content-type": "application/pdf" } }) : pathname === "/secret.txt" ? new Response("internal-secret") : new Response(Buffer.from(PNG, "base64"), { headers: { "content-type": "image/png" } });
  },
});
afterAll(() => site.stop(true));
const pool = new ConnectionPool(systemClock);
const fetcher = (allow: string[]): GuardedFetcher => new GuardedFetcher({ pool, deadlines: new Deadlines(systemClock), clock: systemClock }, new FetchRules(allow));

const openai = (url: string): Record<string, unknown> => ({ model: "m", messages: [{ role: "user", content: [{ type: "text", text: "What is it?" }, { type: "image_url", image_url: { url } }, { type: "image_url", image_url: { url } }] }] });
const codecOf = (dialect: "openai-chat" | "gemini"): Codec => CODECS[dialect] as Codec;
const decoded = (url: string): CanonicalRequest => codecOf("openai-chat").decodeRequest(openai(url), {});
const STAYS = { left: () => false };
/** A request with the bytes of what a rule wants fetched. */
async function withFiles(files: FetchedFiles, request: CanonicalRequest, rule: { needsBytes: NeedsBytes; traits: ReadonlySet<string> }): Promise<CanonicalRequest> {
  const wanted = mediaToResolve(request, rule.needsBytes, rule.traits);
  return withMedia(request, await files.sources(wanted, (bytes) => bytes.toString("base64")));
}

test("an OpenAI caller's image by address goes to Gemini as bytes, fetched once", async () => {
  const request = await withFiles(new FetchedFiles(fetcher(["127.0.0.1"]), STAYS), decoded(`${site.url.href}x.png`), { needsBytes, traits: new Set() });
  const { body } = codecOf("gemini").encodeRequest(request, { model: "g", maxOutputTokens: 100, reasons: false, traits: new Set() });
  const image = { inlineData: { mimeType: "image/png", data: PNG } };
  expect(body["contents"]).toEqual([{ role: "user", parts: [{ text: "What is it?" }, image, image] }]);
  expect(asked.splice(0)).toEqual(["/x.png"]);
});

test("a PDF by address goes to chat completions as bytes, an image as its address; Gemini after it fetches the image too", async () => {
  const url = (path: string): string => `${site.url.href}${path}`;
  const pair = (CODECS["anthropic-messages"] as Codec).decodeRequest(
    { model: "m", max_tokens: 50, messages: [{ role: "user", content: [{ type: "image", source: { type: "url", url: url("x.png") } }, { type: "document", source: { type: "url", url: url("a.pdf") } }] }] },
    {},
  );
  const rule = { needsBytes: NEEDS_BYTES["openai-chat"] as NeedsBytes, traits: new Set<string>() };
  const files = new FetchedFiles(fetcher(["127.0.0.1"]), STAYS);
  const request = await withFiles(files, pair, rule);
  const { body, dropped } = codecOf("openai-chat").encodeRequest(request, { model: "g", maxOutputTokens: 100, reasons: false, traits: new Set() });
  const data = Buffer.from("%PDF-1.4\n%%EOF\n").toString("base64");
  expect(body["messages"]).toEqual([{ role: "user", content: [{ type: "image_url", image_url: { url: url("x.png") } }, { type: "file", file: { filename: "document.pdf", file_data: `data:application/pdf;base64,${data}` } }] }]);
  expect([dropped, asked.splice(0)]).toEqual([[], ["/a.pdf"]]);
  await withFiles(files, pair, { needsBytes, traits: new Set() });
  expect(asked.splice(0)).toEqual(["/x.png"]);
});

test("V04, V06: what is not public is not fetched, and what is no image does not come back", async () => {
  const refused = async (url: string, allow: string[]): Promise<GatewayError> => withFiles(new FetchedFiles(fetcher(allow), STAYS), decoded(url), { needsBytes, traits: new Set() }).then(() => { throw new Error("fetched"); }, (error: GatewayError) => error);
  const inside = await refused(`${site.url.href}x.png`, []);
  expect([inside instanceof GatewayError, inside.kind.status, inside.kind.code]).toEqual([true, 400, "invalid_media_url"]);
  expect(asked.splice(0)).toEqual([]);
  const text = await refused(`${site.url.href}secret.txt`, ["127.0.0.1"]);
  expect([text.kind.code, text.publicText.includes("secret"), text.internalText.includes("secret")]).toEqual(["invalid_media_type", false, false]);
});

test("nothing to fetch: the request itself", async () => {
  const request = decoded(`data:image/png;base64,${PNG}`);
  expect(await withFiles(new FetchedFiles(fetcher([]), STAYS), request, { needsBytes, traits: new Set() })).toBe(request);
});
