import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { userByName } from "../store/queries/accounts.ts";
import { processesOf } from "../store/embedded/processes.ts";
import { creditWallet } from "../store/queries/money.ts";
import { testDatabase } from "../testing/postgres.ts";
import { Program } from "../testing/program.ts";

const { db, connection } = await testDatabase();
const proxied: string[] = [];
/** A vendor that knows one key; also a proxy, to which absolute addresses come. */
const vendor = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request) => {
    proxied.push(request.url);
    return request.headers.get("authorization") === "Bearer sk-good" ? Response.json({ data: [] }) : Response.json({ error: { message: "Incorrect API key provided: sk-bad-0123456789" } }, { status: 401 });
  },
});
const program = new Program({
  DATABASE_URL: `postgres://${connection.user}@localhost:${connection.port}/${connection.database}?host=${encodeURIComponent(connection.host)}`,
  GOOD_KEYS: "sk-good, sk-bad-0123456789",
});
const cli = (...words: string[]) => program.cli(...words);
const json = async (...words: string[]): Promise<Record<string, unknown> & Record<string, unknown>[]> => {
  const { status, out, error } = await cli(...words, "--json");
  expect(error).toBe("");
  expect(status).toBe(0);
  return JSON.parse(out) as Record<string, unknown> & Record<string, unknown>[];
};
/** Refused with one message that holds `part`, and no stack trace. */
const refused = async (part: string, ...words: string[]): Promise<void> => {
  const { status, error } = await cli(...words);
  expect(status, words.join(" ")).toBe(1);
  expect(error).toContain(part);
  expect(error).not.toContain("    at ");
};

describe("first credentials", () => {
  test("on an empty database `key create` makes the owner and shows every credential once", async () => {
    const made = await json("key", "create");
    expect(made).toMatchObject({ key: expect.stringMatching(/^sk-\w{48}$/), firstKey: expect.stringMatching(/^sk-/), sandboxKey: expect.stringMatching(/^sk-test-/), accessKey: expect.stringMatching(/^ak_/), ownerPassword: expect.any(String) });
    expect(Object.keys(await json("key", "create"))).toEqual(["id", "key", "name", "group"]);
  }, 30_000);
});

describe("key", () => {
  test("an option or a word that no command knows is refused, and nothing is done: a misspelled quota would be none", async () => {
    const count = async (): Promise<number> => (await db.selectFrom("api_keys").select("id").execute()).length;
    const before = await count();
    await refused("--qouta", "key", "create", "--qouta", "5");
    await refused("--day", "key", "create", "--day=3", "--json");
    await refused("words", "key", "create", "words");
    await refused("-5", "key", "list", "-5");
    await refused("--apply", "doctor", "--apply");
    expect(await count()).toBe(before);
    await json("key", "create", "--name", "--quota", "--no-sandbox");
  }, 30_000);

  test("create, list, revoke", async () => {
    const made = await json("key", "create", "--name", "limited", "--quota", "1.5", "--days", "2", "--models", "claude-haiku-4-5-20251001, gpt-4.1-mini", "--ips", "10.0.0.0/8 ::1", "--sandbox");
    expect(String(made["key"])).toStartWith("sk-test-");
    const row = await db.selectFrom("api_keys").selectAll().where("id", "=", String(made["id"])).executeTakeFirstOrThrow();
    expect(row).toMatchObject({ name: "limited", unlimited: false, allow_ips: ["10.0.0.0/8", "::1"], sandbox: true, status: 1 });
    // Kept as the catalog's ids, under whatever name a model is asked for.
    expect(row.model_limits?.length).toBe(2);
    expect(Math.round(((row.expires_at?.getTime() ?? 0) - Date.now()) / 3_600_000)).toBe(48);
    expect((await json("key", "list")).find((entry) => entry["id"] === made["id"])).toMatchObject({ name: "limited", remainNano: "1500000000" });
    expect(await json("key", "revoke", String(made["id"]))).toMatchObject({ status: 2 });
  }, 30_000);

  test("what is no value is refused with a message", async () => {
    await refused('--days: "abc"', "key", "create", "--days", "abc");
    await refused('--quota: "abc"', "key", "create", "--quota", "abc");
    await refused("--quota", "key", "create", "--quota", "-5");
    await refused('"garbage" is neither', "key", "create", "--ips", "garbage");
    await refused('no model "nothing-like-it"', "key", "create", "--models", "nothing-like-it");
    await refused('no group "nogroup"', "key", "create", "--group", "nogroup");
    await refused('no user "nobody"', "key", "create", "--user", "nobody");
    await refused("no key 999", "key", "revoke", "999");
  }, 60_000);
});

describe("user", () => {
  test("M26: credit and debit go through the ledger, once by reference; a negative amount is no option", async () => {
    expect(await json("user", "credit", "owner", "2.5", "--ref", "r1")).toMatchObject({ usd: "2.5", credited: true });
    expect(await json("user", "credit", "owner", "2.5", "--ref", "r1")).toMatchObject({ credited: false });
    expect(await json("user", "credit", "owner", "-0.5", "--reason", "too much")).toMatchObject({ usd: "-0.5", credited: true });
    const owner = await userByName(db, "owner");
    const moves = await db.selectFrom("ledger").select(["amount_nano", "reason"]).where("kind", "=", "credit").orderBy("seq").execute();
    expect(owner).toBeDefined();
    expect(moves.map((move) => move.amount_nano)).toEqual(["100000000000", "2500000000", "500000000"]);
    expect(moves[2]?.reason).toBe("too much");
    await refused('"abc" is no amount', "user", "credit", "owner", "abc");
    await refused("more than a billion", "user", "credit", "owner", "99999999999999");
    await refused("no user", "user", "credit", "nobody", "1");
  }, 60_000);
});

describe("channel", () => {
  test("V34: add with everything a settings file can say, list, test by its proxy, disable", async () => {
    const address = `http://127.0.0.1:${vendor.port}/v1`;
    await json("channel", "add", "mine", "--vendor", "openai", "--key-env", "GOOD_KEYS", "--base-url", address, "--models", "gpt-4.1-mini,gpt-5*", "--map", "gpt-4.1-mini=our-mini", "--groups", "default",
      "--priority", "-3", "--weight", "0.5", "--first-byte-ms", "1000", "--idle-ms", "2000");
    expect(await db.selectFrom("channels").selectAll().where("name", "=", "mine").executeTakeFirstOrThrow()).toMatchObject({
      base_url: address, models: ["gpt-4.1-mini", "gpt-5*"], model_mapping: { "gpt-4.1-mini": "our-mini" }, groups: ["default"], priority: -3, weight: 0.5, timeouts: { firstByteMs: 1000, idleMs: 2000 },
    });
    const sealed = await db.selectFrom("channel_credentials").select("sealed").execute();
    expect(sealed.length).toBe(2);
    expect(JSON.stringify(sealed)).not.toContain("sk-good");
    expect(await json("channel", "list")).toEqual([expect.objectContaining({ name: "mine", keys: 2, priority: -3, weight: 0.5, enabled: true, source: "database" })] as never);

    const tested = await cli("channel", "test", "mine", "--json");
    expect(tested.status).toBe(1);
    expect((JSON.parse(tested.out) as { ok: boolean; status: number }[]).map((row) => [row.ok, row.status])).toEqual([[true, 200], [false, 401]]);
    expect(tested.out).not.toContain("sk-bad-0123456789");

    await json("channel", "add", "far", "--vendor", "openai", "--key-env", "GOOD_KEYS", "--base-url", "http://vendor.invalid/v1", "--proxy", `http://127.0.0.1:${vendor.port}`);
    proxied.length = 0;
    const far = await cli("channel", "test", "far", "--json");
    expect((JSON.parse(far.out) as { status: number }[]).map((row) => row.status)).toEqual([200, 401]);
    expect(proxied).toEqual(["http://vendor.invalid/v1/models", "http://vendor.invalid/v1/models"]);

    expect((await cli("channel", "disable", "mine")).status).toBe(0);
    expect((await db.selectFrom("channels").select("enabled").where("name", "=", "mine").executeTakeFirst())?.enabled).toBe(false);
    expect((await cli("channel", "enable", "mine")).status).toBe(0);
  }, 60_000);

  test("what is no channel is refused with a message", async () => {
    const add = (...more: string[]): string[] => ["channel", "add", "other", "--vendor", "openai", "--key-env", "GOOD_KEYS", ...more];
    await refused('channel "mine" already', "channel", "add", "mine", "--vendor", "openai", "--key-env", "GOOD_KEYS");
    await refused('"notaurl" is no http', ...add("--base-url", "notaurl"));
    await refused('"notaurl" is no http', ...add("--proxy", "notaurl"));
    await refused('"x" is no whole number', ...add("--priority", "x"));
    await refused('"0" is no number above 0', ...add("--weight", "0"));
    await refused("whole number from 1", ...add("--idle-ms", "0"));
    await refused('no group "nogroup"', ...add("--groups", "nogroup"));
    await refused("--map", ...add("--map", "gpt-4.1-mini"));
    await refused("Unknown vendor", "channel", "add", "other", "--vendor", "nobody", "--key-env", "GOOD_KEYS");
    await refused("no NOPE_X", "channel", "add", "other", "--vendor", "openai", "--key-env", "NOPE_X");
    await refused('no channel "nothing"', "channel", "test", "nothing");
    await refused('no channel "nothing"', "channel", "disable", "nothing");
  }, 90_000);
});

describe("limit and catalog", () => {
  test("what the command line changes stands in the audit log, with what was before; what it refuses does not", async () => {
    const seen = async () => (await db.selectFrom("audit_log").select(["action", "subject", "before", "after", "actor_id", "request_id"]).orderBy("id").execute());
    const from = (await seen()).length;
    await json("limit", "set", "user:7", "--concurrency", "4");
    await json("limit", "set", "user:7", "--concurrency", "5");
    await json("catalog", "set", "group", "audited", '{"ratio":"0.5"}');
    await json("catalog", "remove", "group", "audited");
    await refused("beyond any ratio", "catalog", "set", "group", "bad", '{"ratio":"175"}');
    await json("user", "credit", "owner", "2", "--reason", "a test");
    const { id } = await json("key", "create", "--name", "audited");
    await json("key", "revoke", String(id));
    await refused("no key", "key", "revoke", "999999");
    await json("limit", "set", "user:7");
    const rows = (await seen()).slice(from);
    const owner = await userByName(db, "owner");
    expect(rows.map((row) => [row.action, row.subject])).toEqual([
      ["limit.set", "user:7"], ["limit.set", "user:7"], ["group.set", "group:audited"], ["group.reset", "group:audited"], ["wallet.credit", `user:${owner?.id}`], ["key.add", `key:${String(id)}`], ["key.disable", `key:${String(id)}`], ["limit.set", "user:7"],
    ]);
    expect(rows[1]).toMatchObject({ before: { concurrency: 4 }, after: { concurrency: 5 }, actor_id: null });
    expect(rows[3]).toMatchObject({ before: { ratio: "0.5" }, after: null });
    for (const row of rows) expect(row.request_id).toMatch(/^cli-/);
    expect(JSON.stringify(rows)).not.toMatch(/sk-[A-Za-z0-9]{48}/);
  });
  test("limits are set as a whole, listed, and taken away", async () => {
    expect(await json("limit", "set", "key:1", "--requests-per-minute", "60", "--usd-per-day", "0.5")).toMatchObject({ subject: "key:1", requestsPerMinute: 60, usdPerDay: "0.5" });
    await json("limit", "set", "user:*", "--concurrency", "4");
    expect(await json("limit", "list")).toEqual([expect.objectContaining({ subject: "key:1", requestsPerMinute: 60, setBy: "operator" }), expect.objectContaining({ subject: "user:*", concurrency: 4 })] as never);
    await json("limit", "set", "key:1");
    expect((await json("limit", "list")).length).toBe(1);
    await refused("none of key, user", "limit", "set", "planet:1", "--concurrency", "1");
    await refused("no whole number from 1", "limit", "set", "user:bob", "--concurrency", "1");
    await refused("no whole number from 0", "limit", "set", "key:1", "--concurrency", "-1");
    await refused("usd-per-day", "limit", "set", "key:1", "--usd-per-day", "-5");
  }, 90_000);

  test("an entry of a model or group changes the price version, and is taken away again; one that makes no catalog is refused", async () => {
    const first = (await json("catalog", "set", "group", "half", '{"ratio":"0.5"}'))["price_version"];
    expect(first).toMatch(/^\d{4}-\d\d-\d\d-[0-9a-f]{12}$/);
    expect((await json("catalog", "set", "model", "gpt-4.1-mini", '{"prices":{"input":"9","output":"9"}}'))["price_version"]).not.toBe(first);
    expect(await json("catalog", "list")).toEqual([{ kind: "group", entry: '{"ratio":"0.5","name":"half"}' }, { kind: "model", entry: expect.stringContaining("gpt-4.1-mini") as string }] as never);
    expect((await json("key", "create", "--group", "half"))["group"]).toBe("half");
    await refused("beyond any ratio", "catalog", "set", "group", "bad", '{"ratio":"175"}');
    await refused("not valid JSON", "catalog", "set", "group", "bad", "ratio=1");
    await refused("neither model nor group", "catalog", "set", "planet", "bad", "{}");
    expect((await json("catalog", "remove", "model", "gpt-4.1-mini"))["price_version"]).toBe(first as never);
    await json("catalog", "remove", "group", "half");
    expect(await json("catalog", "list")).toEqual([] as never);
  }, 90_000);
});

describe("doctor", () => {
  test("L11: all is well; then a balance that somebody wrote by hand is found", async () => {
    expect(await json("doctor")).toMatchObject({ database: "up to date", money: "balances and charges agree with the ledger", journals: "all applied", damaged: "none", setAside: "none" });
    const owner = await userByName(db, "owner");
    await creditWallet(db, { userId: owner?.id ?? "", amountNano: 5n, kind: "credit", ref: "doctor" });
    await db.updateTable("budgets").set({ balance_nano: "1" }).where("kind", "=", "wallet").where("owner_id", "=", owner?.id ?? "").execute();
    const ill = await cli("doctor", "--json");
    expect(ill.status).toBe(1);
    const money = JSON.parse((JSON.parse(ill.out) as { money: string }).money) as { wrongBalances: unknown[]; totalNano: string };
    expect(money.wrongBalances.length).toBe(1);
    expect(money.totalNano).not.toBe("0");
  }, 30_000);
});

describe("a command on a stopped gateway", () => {
  test("starts its database and stops it again, also when it refuses", async () => {
    const alone = new Program({ YESCALE_API_KEY: "sk-presetpresetpresetpreset" });
    const made = await alone.cli("key", "create", "--json");
    expect(made.status).toBe(0);
    expect(JSON.parse(made.out)).not.toHaveProperty("firstKey");
    const cluster = join(alone.dataDir, "postgres", "cluster");
    expect(processesOf(cluster)).toEqual([]);
    expect((await alone.cli("key", "create", "--user", "nobody")).status).toBe(1);
    expect(processesOf(cluster)).toEqual([]);
    expect(existsSync(join(cluster, "postmaster.pid"))).toBe(false);
    expect(readFileSync(join(cluster, "PG_VERSION"), "utf8")).toStartWith("18");
  }, 60_000);
});

describe("import", () => {
  const dump = join(import.meta.dir, "../importing/testing/pg-dump.sql");

  test("shows what it would do; does it with --apply, once", async () => {
    const { status, out } = await cli("import", dump);
    expect(status).toBe(0);
    expect(out).toContain("Nothing was changed");
    expect(await userByName(db, "anna")).toBeUndefined();
    expect(await json("import", dump, "--apply")).toMatchObject({ applied: true, users: 4, keys: 4, channels: 5 });
    expect(await json("import", dump, "--apply")).toMatchObject({ applied: true, users: 0, already: 13 });
    expect(await userByName(db, "anna")).toBeDefined();
  }, 30_000);

  test("what is no such database is refused", async () => {
    await refused("cannot be read", "import", "/nowhere/one-api.db");
    await refused("has no users", "import", join(import.meta.dir, "import.ts"));
    await refused("no name of letters", "import", dump, "--label", "a b");
  }, 30_000);
});
