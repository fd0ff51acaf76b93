import { connect } from "node:net";
import { describe, expect, test } from "bun:test";
import { API_ROUTES } from "@yescale/contract";
import { picture } from "../../../simulators/src/kit/media/picture.ts";
import { sound } from "../../../simulators/src/kit/media/sound.ts";
import { Browser } from "../testing/browser.ts";
import { dial } from "../testing/dial.ts";
import { testGateway } from "../testing/gateway.ts";
import { allRules, checkRouteRules, spelled } from "./check-route-rules.ts";
import { API_RULES, ROUTE_RULES, type RouteRule, type RuleName, type Who } from "./route-rules.ts";

/** All that is said here of routes is asked of every route in the table: a new one is tested by standing in it. */
const RULES = Object.entries(allRules());
const ADDRESSES = RULES.flatMap(([name, rule]) => rule.methods.flatMap((method) => rule.paths.map((path) => [method, path, rule, name] as const)));
/** The handlers of the management APIs as a sound start has them. */
const SERVED = API_RULES.flatMap(({ methods, paths }) => paths.map((path) => ({ method: methods[0] ?? "", path })));

/** After these the session that asks is another, or none. */
const SESSION_ENDING = new Set(["/api/auth/revoke-other-sessions", "/api/user/token", "/api/account/access-key"]);
const CHANGING = new Set<string>(API_ROUTES.flatMap((route) => (route.changes ? [route.path] : [])));
/** These take the access key away that asks. */
const KEY_ENDING = new Set(["/api/user/token", "/api/account/access-key"]);

const gateway = await testGateway((config) => (config.failedKeysPerMinute = 0));
const caller = await gateway.newCaller("10");
const payer = await gateway.newCaller("10");
const operator = await gateway.newCaller("0", { role: 10 });
const owner = await gateway.newCaller("0", { role: 100, password: "correct horse 1" });
const browser = new Browser(gateway.url);
await browser.post("/api/auth/sign-in/username", { username: owner.username, password: "correct horse 1" });
const pauper = await gateway.newCaller("0");
/** The address of a kept file: of a picture that the vendor gives in its answer, and the caller wants as an address. */
const kept = await keptFile(caller.apiKey);
const port = Number(new URL(gateway.url).port);

async function keptFile(key: string): Promise<string> {
  const response = await fetch(`${gateway.url}/v1/images/generations`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify({ model: "gemini-2.5-flash-image", prompt: "a red stone" }) });
  const { data } = (await response.json()) as { data: { url: string }[] };
  return new URL(data[0]?.url ?? "").pathname;
}

/** The status of a request written by hand, since `fetch` neither upgrades nor lies about lengths. */
function raw(method: string, path: string, headers: Record<string, string>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const socket = connect(port, "127.0.0.1", () => socket.write(`${method} ${path} HTTP/1.1\r\nhost: x\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`));
  socket.once("data", (bytes) => {
    resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(bytes.toString("latin1"))?.[1]));
    socket.destroy();
  });
  socket.once("error", reject);
  return promise;
}

const UPGRADE = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" };
const isSession = (name: string): boolean => name === "realtime" || name === "geminiLive";
const query = (name: string): string => (name === "realtime" ? "?model=gpt-realtime" : "");
/** A request without a body, by somebody with this credential. Not from this host as far as the gateway can know. */
const ask = (method: string, path: string, name: string, credential?: string): Promise<number> =>
  raw(method, `${name === "asset" ? kept : spelled(path)}${query(name)}`, { "x-forwarded-for": "203.0.113.9", "content-length": "0", ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }), ...(isSession(name) ? UPGRADE : {}) });

describe("I8: the table of routes is held against what is served, at each start", () => {
  test("as it stands, it is sound", () => expect(() => checkRouteRules(SERVED)).not.toThrow());

  test.each<[string, { method: string; path: string }[], Record<string, Partial<RouteRule>>, RegExp]>([
    ["a handler without a rule", [...SERVED, { method: "GET", path: "/yescale/secrets" }], {}, /GET \/yescale\/secrets has no rule/],
    ["a handler that changes something", [...SERVED, { method: "POST", path: "/yescale/user" }], {}, /POST \/yescale\/user has no rule/],
    ["a rule without a handler", SERVED.filter(({ path }) => path !== "/yescale/user"), {}, /GET \/yescale\/user is declared by GET \/yescale\/user, but nothing serves it/],
    ["a rule for an address that leads nowhere", SERVED, { chat: { paths: ["/v1/chatter"] } }, /POST \/v1\/chatter is declared by chat, but nothing serves it/],
    ["money without a key", SERVED, { chat: { who: "anybody" } }, /chat costs money, but asks for no API key/],
    ["a body without a limit", SERVED, { messages: { bodyBytesMax: 0 } }, /messages reads a body, but has no limit/],
    ["errors in other words than declared", SERVED, { messages: { errors: "gemini" } }, /POST \/v1\/messages refuses in the words of anthropic-messages, not of gemini/],
    ["an address with two rules", SERVED, { rerankV2: { paths: ["/v2/rerank", "/v2/rerank"] } }, /POST \/v2\/rerank belongs to rerankV2 and rerankV2/],
  ])("%s stops the start", (_name, served, change, fault) => {
    const rules: Record<string, RouteRule> = { ...allRules() };
    for (const name in change) rules[name] = { ...(rules[name] as RouteRule), ...change[name] };
    expect(() => checkRouteRules(served, rules)).toThrow(fault);
  });
});

describe("V12, I8: who may call what: every address, with every kind of credential", () => {
  test.each(ADDRESSES)("%s %s", async (method, path, rule, name) => {
    // What takes access keys away takes those of others.
    const people = KEY_ENDING.has(path) ? (await Promise.all([1, 10, 100].map((role) => gateway.newCaller("0", { role })))).map((each) => each.accessKey) : [caller.accessKey, operator.accessKey, owner.accessKey];
    const may: Record<Who, readonly string[]> = {
      anybody: [], "this host or the metrics token": [], "api key": [caller.apiKey], "access key": people, session: [], account: people, operator: people.slice(1), owner: people.slice(2),
    };
    for (const credential of [undefined, "nonsense", "sk-nonsense", caller.apiKey, ...people]) {
      const status = await ask(method, path, name, credential);
      // A secret that is none: nobody learns more.
      if (rule.errors !== "auth" && path.includes("{token}")) expect(status, credential).toBe(404);
      else if (rule.who === "anybody") expect(rule.errors === "auth" ? [200, 302, 400, 401, 403, 404, 415] : method === "GET" || method === "HEAD" ? [200] : [200, 400, 415], credential).toContain(status);
      else if (rule.who === "this host or the metrics token") expect(status, credential).toBe(403);
      else if (credential !== undefined && may[rule.who].includes(credential)) expect([401, 403], `${credential}: ${status}`).not.toContain(status);
      else expect(status, credential).toBe(credential !== undefined && people.includes(credential) && rule.who !== "api key" && rule.who !== "session" ? 403 : 401);
    }
  });

  test.each(ADDRESSES.filter(([, path, rule]) => rule.who !== "anybody" && !SESSION_ENDING.has(path)))("V22: %s %s: a session is let in where it may be, and changes nothing at another site's wish", async (method, path, rule, name) => {
    const asked = (headers: Record<string, string>): Promise<number> => raw(method, `${name === "asset" ? kept : spelled(path)}${query(name)}`, { "x-forwarded-for": "203.0.113.9", "content-length": "0", cookie: browser.cookie, ...headers, ...(isSession(name) ? UPGRADE : {}) });
    const takes = ["session", "account", "operator", "owner"].includes(rule.who);
    const changes = (method !== "GET" && method !== "HEAD") || CHANGING.has(path);
    const own = await asked({ "sec-fetch-site": "same-origin" });
    if (takes) expect([401, 403], String(own)).not.toContain(own);
    else expect([401, 403], String(own)).toContain(own);
    for (const headers of [{ "sec-fetch-site": "cross-site", origin: "https://evil.example" }, { origin: "https://evil.example" }, {}])
      if (takes && changes) expect(await asked(headers), JSON.stringify(headers)).toBe(403);
  });

  test.each(ADDRESSES.filter(([method]) => method !== "HEAD"))("%s %s: no other method gets past the door, and OPTIONS tells nothing", async (_method, path, _rule, name) => {
    const known = RULES.flatMap(([, other]) => (other.paths.includes(path) ? other.methods : []));
    for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].filter((each) => !(known as string[]).includes(each))) {
      if (isSession(name) && method === "GET") continue;
      expect([401, 404, 405], method).toContain(await raw(method, spelled(path), { "content-length": "0" }));
    }
    expect(await raw("OPTIONS", spelled(path), {})).toBe(204);
  });
});

const SPOKEN = new File([sound(1, "wav")], "speech.wav", { type: "audio/wav" });
const PICTURE = new File([await picture({ width: 64, height: 64, format: "png", seed: "rules" })], "picture.png", { type: "image/png" });
/** A request that each priced route would serve; a new priced route needs one here. */
const TEXT = "hi";
/** The catalog prices it at nothing, so it needs no credit. */
const FREE_MODEL = "omni-moderation-latest";
const BODIES: Record<{ [Name in RuleName]: (typeof ROUTE_RULES)[Name] extends { price: "catalog"; methods: readonly ["POST"] } ? Name : never }[RuleName], [model: string, body: Record<string, unknown>]> = {
  chat: ["gpt-4.1-mini", { messages: [{ role: "user", content: TEXT }] }],
  responses: ["gpt-4.1-mini", { input: TEXT }],
  completions: ["gpt-4.1-mini", { prompt: TEXT }],
  embeddings: ["text-embedding-3-small", { input: TEXT }],
  engineEmbeddings: ["text-embedding-3-small", { input: TEXT }],
  moderations: [FREE_MODEL, { input: TEXT }],
  rerank: ["rerank-v3.5", { query: TEXT, documents: [TEXT] }],
  rerankV2: ["rerank-v3.5", { query: TEXT, documents: [TEXT] }],
  speech: ["tts-1", { voice: "alloy", input: TEXT }],
  transcriptions: ["whisper-1", { file: SPOKEN }],
  translations: ["whisper-1", { file: SPOKEN }],
  images: ["gpt-image-1", { prompt: TEXT, quality: "low" }],
  imageEdits: ["gpt-image-1", { prompt: TEXT, quality: "low", image: PICTURE }],
  messages: ["claude-sonnet-4-5", { max_tokens: 20, messages: [{ role: "user", content: TEXT }] }],
  generateContent: ["gemini-2.5-flash", { contents: [{ role: "user", parts: [{ text: TEXT }] }] }],
  streamGenerateContent: ["gemini-2.5-flash", { contents: [{ role: "user", parts: [{ text: TEXT }] }] }],
  embedContent: ["gemini-embedding-001", { content: { parts: [{ text: TEXT }] } }],
  batchEmbedContents: ["gemini-embedding-001", { requests: [{ model: "models/gemini-embedding-001", content: { parts: [{ text: TEXT }] } }] }],
};
const PRICED = Object.entries(BODIES).flatMap(([name, [model, body]]) => ROUTE_RULES[name as RuleName].paths.map((path) => [path.replace("{model}", model), path.includes("{model}") ? body : { model, ...body }, model] as const));
/** A body with a file in it goes as a form. */
function post(path: string, body: Record<string, unknown>, key: string): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${key}` };
  if (!Object.values(body).some((value) => value instanceof File)) return fetch(`${gateway.url}${path}`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) });
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) form.append(name, value instanceof File ? value : String(value));
  return fetch(`${gateway.url}${path}`, { method: "POST", headers, body: form });
}

describe("M16, I8: no priced route passes by the budget", () => {
  test.each(PRICED)("%s", async (path, body, model) => {
    gateway.sandbox.reset();
    const refused = await post(path, body, pauper.apiKey);
    if (model === FREE_MODEL) return expect(refused.status).toBe(200);
    expect(refused.status, await refused.text()).toBe(402);
    expect(gateway.seen()).toEqual([]);
    const served = await post(path, body, payer.apiKey);
    expect(served.status, await served.text()).toBe(200);
  });

  test("sessions", async () => {
    for (const path of ROUTE_RULES.realtime.paths) expect(await ask("GET", path, "realtime", pauper.apiKey), path).toBe(402);
    const poor = await gateway.newCaller("0");
    for (const path of ROUTE_RULES.geminiLive.paths) {
      const session = dial(`${gateway.url.replace("http", "ws")}${path}?key=${poor.apiKey}`);
      await session.opened;
      session.send({ setup: { model: "models/gemini-live-2.5-flash-preview" } });
      expect((await session.closed).code, path).not.toBe(1000);
    }
    for (const row of await gateway.rows(poor.userId, ROUTE_RULES.geminiLive.paths.length)) expect(row).toMatchObject({ status: 402, charge_nano: "0" });
  });

  test("after all of them, every served call has its charge", async () => {
    const paid = PRICED.filter(([, , model]) => model !== FREE_MODEL);
    const rows = await gateway.rows(payer.userId, paid.length);
    expect(rows.map((row) => row.status)).toEqual(paid.map(() => 200));
    for (const row of rows) expect(BigInt(row.charge_nano) > 0n, `${row.endpoint} ${row.model}`).toBe(true);
    expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });
});

const TYPES = { json: "application/json", form: "multipart/form-data; boundary=B" };
test.each(ADDRESSES.filter(([, , rule]) => rule.bodies.length > 0))("V08, I8: %s %s: a body beyond its limit is refused by its length, one of another kind by its type", async (method, path, rule) => {
  for (const kind of ["json", "form"] as const)
    expect(await raw(method, spelled(path), { ...(rule.who === "session" ? { cookie: browser.cookie, "sec-fetch-site": "same-origin" } : { authorization: `Bearer ${rule.who === "api key" ? caller.apiKey : owner.accessKey}` }), "content-type": TYPES[kind], "content-length": String(rule.bodyBytesMax + 1) }), kind).toBe(rule.bodies.includes(kind) ? 413 : 415);
});

test("V30: a name that was never given opens nothing", async () => {
  for (const path of ["/assets/x", "/assets/", `${kept}x`, kept.replace(/.\.png$/, "_.png")]) expect(await raw("GET", path, { authorization: `Bearer ${caller.apiKey}` }), path).toBe(404);
});
