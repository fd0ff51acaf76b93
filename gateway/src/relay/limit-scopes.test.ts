import { describe, expect, test } from "bun:test";
import { keyHash, maskKey, newApiKey } from "../accounts/api-key.ts";
import { createKey } from "../store/queries/keys.ts";
import { setLimitRule } from "../store/queries/limits.ts";
import { creditOwner } from "../store/queries/money.ts";
import { addMember, createOrganisation } from "../store/queries/organisations.ts";
import { addUpUsage } from "../store/queries/usage.ts";
import { testGateway } from "../testing/gateway.ts";
import { eventually } from "../testing/program.ts";

const MODEL = "my-model";
const gateway = await testGateway((config, sandboxUrl) => {
  const common = { vendor: "openai", credentials: ["sk-upstream-0123456789abcdef"], baseUrl: `${sandboxUrl}/openai/v1`, models: [MODEL], modelMapping: { [MODEL]: "gpt-4.1-mini" }, weight: 1, timeouts: {}, enabled: true };
  config.channels.push({ ...common, name: "first", priority: 10 }, { ...common, name: "second", priority: 5 });
  config.models.push({ id: MODEL, vendor: "openai", prices: { input: "1", output: "2" } });
});
const { db } = gateway;
const chat = (apiKey: string, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}`, ...headers }, body: JSON.stringify({ model: MODEL, messages: [{ role: "user", content: "hi" }] }), ...(signal ? { signal } : {}) });
const limited = async (rule: Parameters<typeof setLimitRule>[1]): Promise<void> => {
  await setLimitRule(db, rule);
  await Bun.sleep(100);
};
const statuses = async (apiKey: string, count: number): Promise<number[]> => {
  const found = [];
  for (let i = 0; i < count; i += 1) found.push((await chat(apiKey)).status);
  return found;
};

describe("V37: whose use is limited", () => {
  test("an organisation's keys share its limit, whoever of its members holds them", async () => {
    const [one, two] = [await gateway.newCaller("0"), await gateway.newCaller("0")];
    const organisation = await createOrganisation(db, { name: "Works", ownerId: one.userId });
    await addMember(db, organisation, two.userId, "member");
    await creditOwner(db, { kind: "organisation", id: organisation }, { amountNano: 5_000_000_000n, kind: "credit", ref: "works" });
    const keys = await Promise.all([one, two].map(async ({ userId }) => {
      const key = newApiKey(false);
      await createKey(db, { userId, organisationId: organisation, name: "works", hash: keyHash(key), visible: maskKey(key), group: "default", sandbox: false });
      return key;
    }));
    const [mine, theirs] = keys as [string, string];
    expect(await eventually(async () => (await chat(theirs)).status === 200)).toBe(true);
    await limited({ scope: "organisation", subject: organisation, requestsPerMinute: 3 });
    expect([...(await statuses(mine, 2)), ...(await statuses(theirs, 2))]).toEqual([200, 200, 200, 429]);
  });

  test("a group's limit meets all its keys, and no others", async () => {
    const [grouped, other] = [await gateway.newCaller("5", { group: "normal" }), await gateway.newCaller("5")];
    await limited({ scope: "group", subject: "normal", requestsPerMinute: 1 });
    expect(await statuses(grouped.apiKey, 2)).toEqual([200, 429]);
    expect(await statuses(other.apiKey, 1)).toEqual([200]);
  });

  test("an account at its limit is passed over without counting as failed; when all are full the caller is told to wait, and nothing of whom", async () => {
    const caller = await gateway.newCaller("5");
    await limited({ scope: "channel", subject: "first", requestsPerMinute: 1 });
    await limited({ scope: "channel", subject: "second", concurrency: 1 });
    await statuses(caller.apiKey, 2);
    const rows = await gateway.rows(caller.userId, 2);
    expect(rows.map((row) => row.channel)).toEqual(["first", "second"]);
    expect(rows[1]?.attempts).toHaveLength(1);
    expect(gateway.channels.health.openCircuits()).toEqual([]);
    const leaving = new AbortController();
    const held = chat(caller.apiKey, { "x-sandbox-fault": "hang" }, leaving.signal).catch(() => undefined);
    let refused: Response | undefined;
    expect(await eventually(async () => (refused = await chat(caller.apiKey)).status === 429)).toBe(true);
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused?.text()).not.toMatch(/first|second|channel/);
    leaving.abort();
    await held;
    expect(await eventually(async () => (await chat(caller.apiKey)).status === 200)).toBe(true);
    await limited({ scope: "channel", subject: "first" });
    await limited({ scope: "channel", subject: "second" });
  });

  test("requests of the day before this process began count: from the sums, and from the log beyond them", async () => {
    const caller = await gateway.newCaller("5");
    await statuses(caller.apiKey, 2);
    await gateway.rows(caller.userId, 2);
    await addUpUsage(db);
    await statuses(caller.apiKey, 1);
    await gateway.rows(caller.userId, 3);
    await limited({ scope: "key", subject: caller.keyId, requestsPerDay: 4 });
    const answer = await chat(caller.apiKey);
    expect([answer.status, answer.headers.get("x-ratelimit-limit-requests"), answer.headers.get("x-ratelimit-remaining-requests")]).toEqual([200, "4", "0"]);
    expect(answer.headers.get("x-ratelimit-reset-requests")).toMatch(/^(\d+h)?\d+m\d+s$|^\d+s$/);
    const refused = await chat(caller.apiKey);
    expect(refused.status).toBe(429);
    expect(await refused.text()).toContain("4 requests per day (UTC)");
  });
});
