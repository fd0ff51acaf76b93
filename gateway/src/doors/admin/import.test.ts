import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { testGateway } from "../../testing/gateway.ts";
import { eventually } from "../../testing/program.ts";

const gateway = await testGateway();
const { db, newCaller, url } = gateway;
const [operator, owner] = [await newCaller("0", { role: 10 }), await newCaller("0", { role: 100 })];
/** See importing/read-old.test.ts for where it comes from. */
const dump = readFileSync(join(import.meta.dir, "../../importing/testing/mariadb-dump.sql"));

const send = (query: string, body: Uint8Array<ArrayBuffer>, { as = owner.accessKey, type = "application/octet-stream" } = {}): Promise<Response> =>
  fetch(`${url}/api/admin/import${query}`, { method: "POST", headers: { authorization: `Bearer ${as}`, "content-type": type }, body });
const users = async (): Promise<number> => Number((await db.selectFrom("users").select((eb) => eb.fn.countAll<string>().as("n")).executeTakeFirstOrThrow()).n);

describe("an old gateway's database by HTTP", () => {
  test("tried first, then taken over; callers go on with their keys, people with their access keys", async () => {
    const before = await users();
    expect(await (await send("", dump)).json()).toMatchObject({ applied: false, users: 4, keys: 4, channels: 5, balances_usd: "102.468134" });
    expect(await users()).toBe(before);
    expect(await (await send("?apply=true", Bun.gzipSync(dump), { type: "application/gzip" })).json()).toMatchObject({ applied: true, users: 4, keys: 4 });
    expect(await users()).toBe(before + 4);
    const models = (): Promise<Response> => fetch(`${url}/v1/models`, { headers: { authorization: `Bearer sk-${"a".repeat(48)}` } });
    expect(await eventually(async () => (await (await models()).text()).includes("my-model"), 5_000)).toBe(true);
    const account = await fetch(`${url}/yescale/user`, { headers: { authorization: "Bearer 0123456789abcdef0123456789abcdef" } });
    expect(await account.text()).toContain("Root User");
    const actions = await db.selectFrom("audit_log").select(["action", "actor_id"]).orderBy("id").execute();
    expect(actions).toEqual([{ action: "import.try", actor_id: owner.userId }, { action: "import", actor_id: owner.userId }]);
    expect(await gateway.checkMoney()).toMatchObject({ wrongBalances: [], totalNano: "0" });
  });

  test("only owners; only what is such a file", async () => {
    expect((await send("?apply=true", dump, { as: operator.accessKey })).status).toBe(403);
    expect((await send("", dump, { as: operator.apiKey })).status).toBe(401);
    expect((await send("", dump, { type: "text/html" })).status).toBe(415);
    expect((await send("?label=a%20b", dump)).status).toBe(400);
    for (const junk of [new Uint8Array(0), Buffer.from("SQLite format 3\0 and no more"), Buffer.from([0x1f, 0x8b, 1, 2, 3]), Buffer.from("insert into users values (1,2")]) {
      const answer = await send("", new Uint8Array(junk));
      expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([400, "invalid_request"]);
    }
  });
});
