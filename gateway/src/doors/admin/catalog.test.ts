import { describe, expect, test } from "bun:test";
import { testGateway } from "../../testing/gateway.ts";
import { eventually } from "../../testing/program.ts";

const MODEL = "gpt-4.1-mini";
const gateway = await testGateway((config, sandboxUrl) => {
  const common = { vendor: "openai", credentials: ["sk-upstream-0123456789abcdef"], modelMapping: {}, priority: 0, weight: 1, timeouts: {}, enabled: true };
  config.channels.push({ ...common, name: "first", baseUrl: `${sandboxUrl}/openai/v1`, models: [MODEL, "gpt-4.1-nano"] }, { ...common, name: "second", baseUrl: `${sandboxUrl}/openai/v1`, models: [MODEL] });
});
const operator = await gateway.newCaller("1");
await gateway.db.updateTable("users").set({ role: 10 }).where("id", "=", operator.userId).execute();

const admin = async (method: string, path: string, body?: unknown, accessKey = operator.accessKey): Promise<{ status: number; body: Record<string, unknown> & { data: Record<string, unknown>[]; error: { message: string } } }> => {
  const response = await fetch(`${gateway.url}/api/admin${path}`, { method, headers: { authorization: `Bearer ${accessKey}`, "content-type": "application/json" }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as never };
};
const chat = (apiKey: string, model: string = MODEL, more: object = {}, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}`, ...headers }, body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }], ...more }) });
const names = async (apiKey: string): Promise<string[]> =>
  ((await (await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${apiKey}` } })).json()) as { data: { id: string }[] }).data.map(({ id }) => id);
/** Sets a group and waits until the gateway has it. */
async function group(name: string, entry: object): Promise<void> {
  const { status, body } = await admin("PUT", `/groups/${name}`, entry);
  expect(body).not.toHaveProperty("error");
  expect(status).toBe(200);
  await eventually(async () => (await admin("GET", "/groups")).body.data.some((one) => one["name"] === name && Bun.deepEquals(one["override"], entry)));
  await Bun.sleep(50);
}
const lastRow = async (userId: string, count: number) => (await gateway.rows(userId, count)).at(-1);
/** Ratios of a row's lines, in millionths. */
const ratiosOf = (row: { lines: unknown[] } | undefined): number[] => ((row?.lines ?? []) as { ratioMicro: number }[]).map(({ ratioMicro }) => ratioMicro);

describe("groups", () => {
  test("a group made now is used by the next key at its own channels and ratio, within a second and with a trace", async () => {
    const since = performance.now();
    await group("half", { ratio: "0.5", channels: ["second"], description: "half price" });
    const caller = await gateway.newCaller("10", { group: "half" });
    expect((await chat(caller.apiKey)).status).toBe(200);
    expect(performance.now() - since).toBeLessThan(2_000);
    const row = await lastRow(caller.userId, 1);
    expect(row).toMatchObject({ group_name: "half", channel: "second" });
    expect(new Set(ratiosOf(row))).toEqual(new Set([500_000]));
    expect(await names(caller.apiKey)).toEqual([MODEL]);
    expect((await chat(caller.apiKey, "gpt-4.1-nano")).status).toBe(403);
    const audit = (await admin("GET", "/audit?subject=group:half")).body.data[0];
    expect(audit).toMatchObject({ action: "group.set", actor_id: Number(operator.userId), before: null, after: { ratio: "0.5" } });
  });

  test("auto: the first group that can serve does, at its own ratio; when its account fails, the next one at that group's", async () => {
    await group("cheap", { ratio: "0.1", channels: ["first"] });
    await group("dear", { ratio: "3", channels: ["second"] });
    await group("auto", { fallback: ["cheap", "dear"], channels: [] });
    const caller = await gateway.newCaller("10", { group: "auto" });
    expect((await names(caller.apiKey)).toSorted()).toEqual([MODEL, "gpt-4.1-nano"].toSorted());
    await (await chat(caller.apiKey)).text();
    expect(await lastRow(caller.userId, 1)).toMatchObject({ group_name: "cheap", channel: "first" });
    await fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "POST", body: JSON.stringify({ vendor: "openai", spec: "status=500;times=1" }) });
    expect((await chat(caller.apiKey)).status).toBe(200);
    await fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "DELETE" });
    const row = await lastRow(caller.userId, 2);
    expect(row).toMatchObject({ group_name: "dear", channel: "second" });
    expect(new Set(ratiosOf(row))).toEqual(new Set([3_000_000]));
    await gateway.checkMoney().then((check) => expect(check).toMatchObject({ wrongBalances: [], wrongCharges: [], totalNano: "0" }));
  });

  test("who may use a group: others neither make keys of it nor fall back to it, and keys of it stop when it is taken from them", async () => {
    const [insider, outsider] = [await gateway.newCaller("10"), await gateway.newCaller("10")];
    await group("inner", { channels: ["first"], users: [Number(insider.userId)] });
    const make = (accessKey: string): Promise<Response> =>
      fetch(`${gateway.url}/yescale/createkey`, { method: "POST", headers: { authorization: `Bearer ${accessKey}`, "content-type": "application/json" }, body: JSON.stringify({ name: "k", group: "inner" }) });
    expect((await make(outsider.accessKey)).status).toBe(400);
    const made = (await (await make(insider.accessKey)).json()) as { data: { key: string } };
    await eventually(async () => (await chat(made.data.key)).status === 200);
    await group("both", { channels: [], fallback: ["inner"] });
    const [mine, theirs] = [await gateway.newCaller("10", { group: "both" }), await gateway.newCaller("10", { group: "inner" })];
    expect((await chat(mine.apiKey)).status).toBe(403);
    expect((await chat(theirs.apiKey)).status).toBe(403);
    expect(await names(theirs.apiKey)).toEqual([]);
    await group("inner", { channels: ["first"], users: [] });
    expect((await chat(made.data.key)).status).toBe(403);
    await group("inner", { channels: ["first"], disabled: true });
    expect((await chat(theirs.apiKey)).status).toBe(403);
  });
});

describe("prices", () => {
  test("a group's own price is final: neither list price nor ratio count", async () => {
    await group("special", { ratio: "7", channels: ["first"], prices: { [MODEL]: { input: "1000", output: "0" } } });
    const caller = await gateway.newCaller("10", { group: "special" });
    await (await chat(caller.apiKey)).text();
    await (await chat(caller.apiKey, "gpt-4.1-nano")).text();
    const [special, listed] = await gateway.rows(caller.userId, 2);
    expect(Number(special?.charge_nano)).toBe(1_000_000 * Number(special?.usage["input"]));
    expect(new Set(ratiosOf(special))).toEqual(new Set([1_000_000]));
    expect(new Set(ratiosOf(listed))).toEqual(new Set([7_000_000]));
  });

  test("M35: a price that changes while an answer is under way is not its price: version, lines and charge are those of the hold", async () => {
    const caller = await gateway.newCaller("10");
    const before = (await admin("GET", "/models?vendor=openai")).body;
    await fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "POST", body: JSON.stringify({ vendor: "openai", spec: "slow-first-byte=1000;times=1" }) });
    const answer = chat(caller.apiKey, MODEL, { stream: true });
    await Bun.sleep(200);
    const changed = (await admin("PUT", `/models/${MODEL}`, { prices: { input: "900", output: "900" } })).body["price_version"];
    await Bun.sleep(300);
    expect((await admin("GET", "/models")).body["price_version"]).toBe(changed);
    expect(Bun.peek.status(answer)).toBe("pending");
    await (await answer).text();
    await (await chat(caller.apiKey)).text();
    const [old, next] = await gateway.rows(caller.userId, 2);
    expect(old?.price_version).toBe(String(before["price_version"]));
    expect(next?.price_version).toBe(String(changed));
    expect(Number(next?.charge_nano)).toBeGreaterThan(100 * Number(old?.charge_nano));
    const versions = (await admin("GET", "/price-versions")).body.data.map(({ version }) => version);
    expect(versions[0]).toBe(changed);
    expect((await admin("GET", `/price-versions/${String(changed)}`)).body).toMatchObject({ prices: { models: { [MODEL]: { input: "900", output: "900" } } } });
    expect((await admin("DELETE", `/models/${MODEL}`)).body["price_version"]).toBe(before["price_version"]);
    expect(await eventually(async () => (await admin("GET", "/models")).body["price_version"] === before["price_version"], 1_000)).toBe(true);
    // Prices that were taken back are dated too: the newest entry is what holds now.
    const dated = (await admin("GET", "/price-versions")).body.data.map(({ version }) => version);
    expect(dated.slice(0, 2)).toEqual([before["price_version"], changed]);
  });

  test("F28: what makes no catalog is refused with its faults and changes nothing", async () => {
    const version = (await admin("GET", "/groups")).body["price_version"];
    for (const [path, entry, why] of [
      ["/groups/bad", { ratio: "175" }, "beyond any ratio"], ["/groups/bad", { ratio: "-1" }, "negative"], ["/groups/bad", { fallback: ["nowhere"] }, 'no other group "nowhere"'], ["/groups/bad", { colour: "red" }, "colour"],
      ["/groups/bad", { prices: { nothing: { input: "1" } } }, 'no model "nothing"'], ["/models/new-model", { prices: { input: "1", output: "1" } }, "vendor: missing"], ["/models/gpt-4.1", { id: "other" }, '"id" must be'],
      [`/models/${MODEL}`, { prices: { input: "cheap" } }, "prices"],
    ] as [string, object, string][]) {
      const { status, body } = await admin("PUT", path, entry);
      expect([path, status, body.error.message.includes(why) || body.error.message]).toEqual([path, 400, true]);
    }
    expect((await admin("DELETE", "/groups/default")).status).toBe(404);
    expect((await admin("GET", "/groups")).body["price_version"]).toBe(version);
    expect((await admin("PUT", "/groups/mine", { ratio: "0" }, (await gateway.newCaller("1")).accessKey)).status).toBe(403);
  });
});
