import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { sql } from "kysely";
import { CatalogError, loadCatalog, type Overrides } from "../catalog/index.ts";
import { SecretBox } from "../channels/secrets.ts";
import { storedChannel } from "../channels/sources.ts";
import { isPassword } from "../identity/passwords.ts";
import { keyHash } from "../accounts/api-key.ts";
import { createUser, userByName } from "../store/queries/accounts.ts";
import { allChannels } from "../store/queries/channels.ts";
import { passwordOf } from "../store/queries/identity.ts";
import { takenIdentities } from "../store/queries/imports.ts";
import { checkMoney } from "../store/queries/money.ts";
import { catalogOverrides } from "../store/queries/prices.ts";
import { testDatabase } from "../testing/postgres.ts";
import { importInto, type ImportReport, tryImport } from "./import.ts";
import { emptyOldData, type OldData } from "./old-data.ts";
import { type ImportPlan, planImport } from "./plan.ts";
import { planChannel } from "./plan-channels.ts";
import { pricesOf, ratiosOf } from "./ratios.ts";
import { readOldData } from "./read-old.ts";

/** See read-old.test.ts for where it comes from. */
const data = await readOldData(join(import.meta.dir, "testing/mariadb-dump.sql"));
const box = new SecretBox(SecretBox.newKey());
const { db } = await testDatabase();
const run = async (apply: boolean, plan: ImportPlan = planImport(data), label = "old"): Promise<ImportReport> => {
  const options = { label, catalogWith: (stored: Overrides) => loadCatalog({}, stored), box };
  return apply ? (await db.transaction().execute((tx) => importInto(tx, plan, options))).report : tryImport(db, plan, options);
};
const counts = async (): Promise<number[]> =>
  Promise.all((["users", "api_keys", "channels", "catalog_overrides", "ledger", "imported"] as const).map(async (table) => Number((await db.selectFrom(table).select((eb) => eb.fn.countAll<string>().as("n")).executeTakeFirstOrThrow()).n)));
await createUser(db, { username: "root", displayName: "", role: 100, accessKeyHash: null, email: "owner@example.com" });

describe("a database of New API", () => {
  test("the dry run tells all and changes nothing", async () => {
    const before = await counts();
    const report = await run(false);
    expect(report).toMatchObject({ applied: false, product: "new-api", users: 4, keys: 4, channels: 5, balances_usd: "102.468134", groups: ["vip", "staff"], models: ["my-model", "gpt-4.1"], already: 0 });
    expect(report.notes).toContain("user 1 is called root-1: there is a root here");
    expect(report.notes).toContain("model no-price: it has no price, so it is refused until you give it one");
    expect(await counts()).toEqual(before);
  });

  test("it is taken over at once: balances through the ledger, keys as digests, passwords as they are, credentials sealed", async () => {
    expect((await run(true)).applied).toBe(true);
    expect(await checkMoney(db)).toMatchObject({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
    const anna = await userByName(db, "anna");
    expect(anna).toMatchObject({ email: "anna@example.com", role: 1, status: 1, display_name: "O'Neil \\ \"An\"\n\tna;" });
    expect(await isPassword("anna-password", (await passwordOf(db, anna?.id ?? "")) ?? "")).toBe(true);
    expect(await isPassword("another", (await passwordOf(db, anna?.id ?? "")) ?? "")).toBe(false);
    const balance = await db.selectFrom("budgets").select("balance_nano").where("kind", "=", "wallet").where("owner_id", "=", anna?.id ?? "").executeTakeFirstOrThrow();
    expect(balance.balance_nano).toBe("2469134000");
    expect((await userByName(db, "root-1"))?.access_key_hash).toEqual(keyHash("0123456789abcdef0123456789abcdef"));
    expect(await userByName(db, "user-3")).toMatchObject({ status: 2 });
    const key = await db.selectFrom("api_keys").selectAll().where("hash", "=", keyHash(`sk-${"b".repeat(48)}`)).executeTakeFirstOrThrow();
    expect(key).toMatchObject({ user_id: anna?.id, unlimited: false, model_limits: ["gpt-4.1-mini", "my-model"], allow_ips: ["10.0.0.0/8", "192.168.1.7"], status: 1, group_name: "default", expires_at: new Date("2100-01-01") });
    const channels = (await allChannels(db)).map((row) => storedChannel(row, box));
    expect(channels.find(({ name }) => name.endsWith("main"))).toMatchObject({ vendor: "openai", modelMapping: { "gpt-4.1": "gpt-4.1-2025-04-14" }, groups: ["default", "vip"], priority: 10 });
    expect(channels.find(({ name }) => name.endsWith("main"))?.credentials.length).toBe(1);
    expect(JSON.stringify(await allChannels(db))).not.toContain("sk-one");
  });

  test("its prices hold: a ratio is dollars, what agrees stays with the catalog, a closed group is for its own users", async () => {
    const { models, groups } = await catalogOverrides(db);
    expect(models).toEqual([
      { id: "gpt-4.1", prices: { input: "3", output: "12" } },
      { id: "my-model", vendor: "openai", prices: { input: "1.5", output: "7.5", cacheRead: "0.15" }, abilities: ["text", "tools", "vision"] },
    ]);
    expect(groups).toEqual([{ name: "staff", ratio: "0.5", channels: "*", users: [] }, { name: "vip", ratio: "0.8", channels: "*", description: "its dear" }]);
    expect(loadCatalog({}, { models, groups }).find("my-model")?.compiled).toBeDefined();
  });

  test("a second time nothing is taken twice; what is new is taken", async () => {
    const before = await counts();
    expect(await run(true)).toMatchObject({ users: 0, keys: 0, channels: 0, balances_usd: "0", already: 13 });
    expect(await counts()).toEqual(before);
    const grown = planImport({ ...data, users: [...data.users, { id: 9, username: "nina", quota: 500_000, role: 1, status: 1 }] });
    expect(await run(true, grown)).toMatchObject({ users: 1, balances_usd: "1", already: 13 });
    expect(await checkMoney(db)).toMatchObject({ wrongBalances: [], totalNano: "0" });
  });

  test("under another label the same keys stay with whom they are", async () => {
    const again = await run(false, planImport(data), "other");
    expect(again).toMatchObject({ users: 4, keys: 0, channels: 5 });
    expect(again.notes.filter((note) => note.includes("the same key is known here")).length).toBe(4);
  });

  test("what breaks takes nothing over", async () => {
    const before = await counts();
    const broken = planImport({ ...data, options: [{ key: "GroupRatio", value: '{"dear":175}' }] });
    await expect(run(true, broken, "broken")).rejects.toBeInstanceOf(CatalogError);
    expect(await counts()).toEqual(before);
  });
});

describe("odd cells", () => {
  const user = { id: 1, username: "odd", quota: 500_000, role: 1, status: 1 };
  const token = { id: 1, user_id: 1, key: "o".repeat(48), name: "n", expired_time: -1, remain_quota: 5, unlimited_quota: 0, status: 1 };
  const tried = (more: Partial<OldData>) => run(false, planImport({ ...emptyOldData(), users: [user], ...more }), "odd");

  test("a balance that no wallet can hold leaves its user out, and says so; a quota that large is the largest", async () => {
    const report = await tried({ users: [user, { ...user, id: 2, username: "rich", quota: (1n << 63n) - 1n }, { ...user, id: 3, username: "richer", quota: `1${"0".repeat(40)}` }], tokens: [{ ...token, remain_quota: (1n << 63n) - 1n }] });
    expect(report).toMatchObject({ users: 1, keys: 1, balances_usd: "1" });
    expect(report.notes.filter((note) => /^user [23] is left out: quota: /.test(note)).length).toBe(2);
  });

  test.each<[string, Partial<OldData>]>([
    ["NUL", { users: [{ ...user, username: "o\0dd", display_name: "a\0b" }], tokens: [{ ...token, key: "o\0o", name: "x\0y", model_limits_enabled: 1, model_limits: "a\0b" }] }],
    ["a date behind the last one", { tokens: [{ ...token, expired_time: 99_999_999_999_999_999n }] }],
  ])("%s breaks nothing", async (_, more) => expect(await tried(more)).toMatchObject({ users: 1, keys: 1 }));

  test("a row that comes twice is taken once", async () => {
    const report = await tried({ users: [user, { ...user, username: "twice" }], tokens: [token, { ...token, key: "p".repeat(48) }] });
    expect(report).toMatchObject({ users: 1, keys: 1 });
    expect(report.notes).toContain("user 1 is left out: there is another row of this id");
  });

  test("names are no longer than names here", () => {
    const plan = planImport({ ...emptyOldData(), users: [{ ...user, display_name: "x".repeat(5_000), email: `${"x".repeat(300)}@example.com` }], tokens: [{ ...token, name: "n".repeat(5_000) }] });
    expect([plan.users[0]?.displayName.length, plan.users[0]?.email, plan.keys[0]?.name.length]).toEqual([100, "", 100]);
  });

  test("keys whose users do not come are counted", async () => {
    expect((await tried({ tokens: [{ ...token, user_id: 99 }, { ...token, id: 2, user_id: "" }] })).notes).toContain("2 keys are left out: their users are deleted, left out or unknown");
  });

  test("characters that were not UTF-8 are told of", async () => {
    expect((await tried({ users: [{ ...user, display_name: "\uFFFD\uFFFD" }] })).notes).toContain("1 of the rows have characters that cannot be read: is the dump UTF-8?");
  });

  test("a ratio beyond all numbers is refused in words, a group without a name is none", async () => {
    await expect(tried({ options: [{ key: "GroupRatio", value: '{"x":1e300}' }] })).rejects.toBeInstanceOf(CatalogError);
    expect(await tried({ options: [{ key: "GroupRatio", value: '{"":1,"fine":2}' }] })).toMatchObject({ groups: ["fine"] });
  });
});

test("among a hundred thousand users an index says whether a name is taken", async () => {
  await sql`alter table users disable trigger users_changed`.execute(db);
  await sql`insert into users (username, email) select 'many-' || g, 'many' || g || '@example.org' from generate_series(1, 100000) g`.execute(db);
  await sql`alter table users enable trigger users_changed`.execute(db);
  expect(await takenIdentities(db, { username: "many-7", email: "", accessKeyHash: null })).toEqual({ username: true, email: false, accessKey: false });
  expect(await takenIdentities(db, { username: "nobody", email: "many9@example.org", accessKeyHash: keyHash("0123456789abcdef0123456789abcdef") })).toEqual({ username: false, email: true, accessKey: true });
  const startedAt = performance.now();
  for (let n = 0; n < 20; n += 1) await takenIdentities(db, { username: `new-${n}`, email: `new${n}@example.org`, accessKeyHash: keyHash(`new ${n}`) });
  expect(performance.now() - startedAt).toBeLessThan(400);
});

describe("what ratios mean", () => {
  const ratios = ratiosOf(Object.entries({ ModelRatio: '{"a":0.0357,"b":2,"c":1,"free":0}', CompletionRatio: '{"a":2.5,"b":4,"free":1}', CacheRatio: '{"b":0.5}', CreateCacheRatio: '{"b":1.25}', AudioRatio: '{"b":16}', AudioCompletionRatio: '{"b":2}', ModelPrice: '{"p":0.04}' }).map(([key, value]) => ({ key, value })));

  test.each([
    ["a", { input: "0.0714", output: "0.1785" }],
    ["b", { input: "4", output: "16", cacheRead: "2", cacheWrite: "5", inputAudio: "64", outputAudio: "128" }],
    // New API has completion ratios of its own for some models; none is guessed.
    ["c", undefined],
    ["free", { input: "0", output: "0" }],
    ["p", { request: "0.04" }],
    ["unknown", undefined],
  ])("%s", (name, prices) => expect(pricesOf(name, ratios)).toEqual(prices));

  test("another unit of quota is another balance", () => {
    const plan = planImport({ ...emptyOldData(), users: [{ id: "1", username: "u", quota: "3" }], options: [{ key: "QuotaPerUnit", value: "7" }] });
    expect(plan.users[0]?.balanceNano).toBe(428_571_428n);
  });
});

describe("channels", () => {
  const channel = (row: Record<string, string | number>, product: "new-api" | "one-api" = "new-api") => planChannel({ id: 1, name: "c", key: "k", models: "m", group: "default", ...row }, product, []);

  test("one number is one vendor in New API and another in One API", () => {
    expect(channel({ type: 43 })).toMatchObject({ vendor: "deepseek" });
    expect(channel({ type: 36 }, "one-api")).toMatchObject({ vendor: "deepseek" });
    expect(planImport({ ...emptyOldData(), tokens: [{ id: 1, subnet: "" }] }).product).toBe("one-api");
  });

  test.each<[string, Record<string, string | number>, object]>([
    ["an account of Google's with its project and region", { type: 41, key: '{"project_id":"p","private_key":"x"}', other: '{"default":"us-central1"}' }, { vendor: "vertex", baseUrl: "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1" }],
    ["an API key of Bedrock's", { type: 33, key: "abc|eu-west-1" }, { credentials: ["abc"], baseUrl: "https://bedrock-runtime.eu-west-1.amazonaws.com" }],
    ["a relay before OpenAI", { type: 8, base_url: "https://relay.example/v1/chat/completions" }, { vendor: "openai", baseUrl: "https://relay.example/v1" }],
    ["Moonshot's Chinese site, which keys belong to", { type: 25 }, { vendor: "moonshot", baseUrl: "https://api.moonshot.cn/v1" }],
    ["a server of one's own without a key", { type: 4, key: "" }, { vendor: "ollama", credentials: [] }],
    ["Kling's pair", { type: 50, key: "ak|sk" }, { vendor: "kling", credentials: ["ak|sk"] }],
  ])("%s", (_, row, expected) => expect(channel(row)).toMatchObject(expected));

  test("what cannot be is told", () => {
    expect(channel({ type: 1, key: " " })).toBe('channel 1 "c": it has no key');
    expect(channel({ type: 3, base_url: "" })).toBe('channel 1 "c": Azure OpenAI needs an address, and it has none');
  });
});
