import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import OpenAI from "openai";
import { picture } from "../../../simulators/src/kit/media/picture.ts";
import { pictureLinks, withPictureLinks } from "../dialects/openai-images/links.ts";
import { testGateway } from "../testing/gateway.ts";

const file = Buffer.from(await picture({ width: 64, height: 64, format: "png", seed: "kept" }));
const serve = (fetch: (request: Request) => Response | Promise<Response>) => {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch });
  afterAll(() => server.stop(true));
  return server;
};
/** What the channel's server saw of fetches of its files. */
const fetched: Headers[] = [];
/** Another private server, that no channel names. */
const inside = serve(() => {
  fetched.push(new Headers({ "x-inside": "1" }));
  return new Response(file, { headers: { "content-type": "image/png" } });
});
/** A server of OpenAI's form as one runs it oneself: the prompt is what `data` holds. */
const vendor = serve(async (request) => {
  const { pathname } = new URL(request.url);
  if (request.method === "GET") {
    fetched.push(request.headers);
    if (pathname === "/moved.png") return Response.redirect(`${inside.url.href}x.png`);
    if (pathname === "/page.png") return new Response("<html>", { headers: { "content-type": "text/html" } });
    return pathname === "/gone.png" ? new Response("", { status: 404 }) : new Response(file, { headers: { "content-type": "image/png" } });
  }
  const { prompt } = (await request.json()) as { prompt: string };
  const body = prompt.replaceAll("VENDOR", vendor.url.href.slice(0, -1)).replaceAll("INSIDE", inside.url.href.slice(0, -1));
  if (request.headers.get("accept-encoding")?.includes("gzip")) return new Response(Bun.gzipSync(body), { headers: { "content-type": "application/json", "content-encoding": "gzip" } });
  return new Response(body, { headers: { "content-type": "application/json" } });
});

const gateway = await testGateway((config) => {
  config.assets.days = 1;
  config.models.push({ id: "own-pictures", vendor: "openai", modalities: { input: ["text"], output: ["image"] }, prices: { images: "0.01" } }, { id: "dall-e-3", retiredAt: null });
  config.channels.push({ name: "own", vendor: "openai", baseUrl: `${vendor.url.href}v1`, credentials: ["sk-own"], models: ["own-pictures"], modelMapping: {}, groups: undefined, priority: 0, weight: 1, timeouts: {}, proxy: undefined, enabled: true } as (typeof config.channels)[number]);
});

async function ask(data: string, headers: Record<string, string> = {}) {
  const caller = await gateway.newCaller("5");
  fetched.length = 0;
  const response = await fetch(`${gateway.url}/v1/images/generations`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json", ...headers }, body: JSON.stringify({ model: "own-pictures", prompt: data, n: 2 }) });
  return { text: await response.text(), response, caller };
}
const OURS = /^http:\/\/[\d.:]+\/assets\/\d{8}-[0-9a-v]{32}\.png$/;

describe("addresses in a vendor's own answer", () => {
  test("DALL-E's become ours, and open what the vendor drew", async () => {
    // The simulator serves test keys only, since this vendor has a channel of its own; what DALL-E costs is tested in media.test.ts.
    const caller = await gateway.newCaller("5", { sandbox: true });
    const client = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const { data, response } = await client.images.generate({ model: "dall-e-3", prompt: "a stone" }).withResponse();
    expect(data.data?.[0]?.url).toMatch(OURS);
    expect(data.data?.[0]?.revised_prompt).toBe("a stone");
    expect(await new Bun.Image(await (await fetch(data.data?.[0]?.url ?? "")).bytes()).metadata()).toMatchObject({ width: 1024, format: "png" });
    expect(response.headers.get("x-yescale-not-kept")).toBeNull();
  });

  test("every other byte stays, coded or not; no credential goes to the file's address", async () => {
    const body = '{ "created": 1.0e3,\n "data": [{"revised_prompt":"a \\"url\\": \\"x\\"","url" : "VENDOR\\/a.png?b=1\\u0026c=2"}, {"url":"VENDOR/b.png"}] , "more": 1 }';
    for (const encoding of ["identity", "gzip"]) {
      const { text, response } = await ask(body, { "accept-encoding": encoding });
      const links = pictureLinks(Buffer.from(text));
      expect(links.map(({ url }) => OURS.test(url))).toEqual([true, true]);
      const bare = text.replaceAll(/"http:[^"]*","expires_at":\d{10}/g, "U");
      expect(bare).toBe(body.replaceAll(/"VENDOR[^"]*"/g, "U"));
      expect(Buffer.compare(Buffer.from(await (await fetch(links[1]?.url ?? "")).arrayBuffer()), file)).toBe(0);
      expect(response.headers.get("content-encoding")).toBeNull();
      expect(fetched.map((headers) => headers.get("authorization"))).toEqual([null, null]);
    }
  });

  test("V04: only the channel's own origin may be private, redirects not; what cannot be copied stays, is named and paid", async () => {
    const { text, response, caller } = await ask('{"data":[{"url":"INSIDE/a.png"},{"url":"VENDOR/a.png"},{"url":"VENDOR/moved.png"},{"url":"VENDOR/gone.png"},{"url":"VENDOR/page.png"},{"url":"ftp://x/y"}]}');
    expect(response.headers.get("x-yescale-not-kept")).toBe("0, 2, 3, 4, 5");
    const urls = pictureLinks(Buffer.from(text)).map(({ url }) => url);
    expect(urls[0]).toBe(`${inside.url.href}a.png`);
    expect(urls[1]).toMatch(OURS);
    expect(urls.slice(2)).toEqual([`${vendor.url.href}moved.png`, `${vendor.url.href}gone.png`, `${vendor.url.href}page.png`, "ftp://x/y"]);
    expect(fetched.some((headers) => headers.has("x-inside"))).toBe(false);
    expect(Number((await gateway.rows(caller.userId))[0]?.charge_nano)).toBe(60_000_000);
  });

  test("base64 answers pass byte for byte", async () => {
    const body = '{"data": [ {"b64_json":"AAAA"} ]}';
    expect((await ask(body)).text).toBe(body);
  });
});

test("links are found and replaced in any JSON, and nothing else changes", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ url: fc.webUrl(), revised_prompt: fc.string({ unit: "binary" }) }), { maxLength: 5 }), fc.string({ unit: "binary" }), (data, other) => {
      const body = Buffer.from(JSON.stringify({ other, data }, undefined, 1));
      const links = pictureLinks(body);
      expect(links.map(({ url }) => url)).toEqual(data.map(({ url }) => url));
      const changed = withPictureLinks(body, links.map((link) => ({ link, picture: { url: `u${link.index}`, expires_at: 1 } })));
      expect(JSON.parse(changed.toString())).toEqual({ other: JSON.parse(body.toString()).other, data: data.map(({ revised_prompt }, index) => ({ url: `u${index}`, expires_at: 1, revised_prompt })) });
    }),
  );
});
