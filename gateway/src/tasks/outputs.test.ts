import { describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { testGateway } from "../testing/gateway.ts";
import { signedExpiry } from "./signed-expiry.ts";
import type { TaskOutput } from "./task.ts";

const gateway = await testGateway();
const caller = await gateway.newCaller("100");
const headers = { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" };

async function film(faults: string): Promise<string> {
  const answer = await fetch(`${gateway.url}/luma/generations`, { method: "POST", headers, body: JSON.stringify({ user_prompt: `a stone [[fault:queue-ms=0;run-ms=0;${faults}]]`, model_name: "ray-2", duration: "5s", resolution: "720p" }) });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { id: string }).id;
}
async function ended(id: string): Promise<{ state: string; output: TaskOutput; json: Record<string, unknown> }> {
  const answer = await fetch(`${gateway.url}/task/${id}?wait=20`, { headers });
  const row = await gateway.db.selectFrom("tasks").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  return { state: row.state, output: (row.outputs as TaskOutput[]).find(({ kind }) => kind === "video") as TaskOutput, json: ((await answer.json()) as { task_result: Record<string, unknown> }).task_result };
}
async function kept(output: TaskOutput): Promise<Buffer> {
  const answer = await fetch(new URL(new URL(output.url ?? "").pathname, gateway.url));
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}
const probe = (bytes: Buffer): string => bytes.toString("latin1", 4, 8);

describe("copies", () => {
  test("K21: a film is kept at once, with type, size, sides and length", async () => {
    const { state, output } = await ended(await film(""));
    expect([state, output.where, output.mime]).toEqual(["SUCCESS", "kept", "video/mp4"]);
    const bytes = await kept(output);
    expect([probe(bytes), output.size]).toEqual(["ftyp", bytes.length]);
    expect(output).toMatchObject({ width: 1280, height: 720, duration: 5 });
  });

  test.each(["file-cut", "file-status=503", "file-html"])("K21: a first download under %s is no end: the file is whole", async (fault) => {
    const whole = await kept((await ended(await film(""))).output);
    const { output } = await ended(await film(fault));
    expect(output.where).toBe("kept");
    expect((await kept(output)).length).toBe(whole.length);
  });

  test("what cannot be copied keeps the vendor's address, told with its end, and is copied as soon as it can be; the charge and the state do not wait", async () => {
    const id = await film("file-status=503;file-times=4");
    const { state, output, json } = await ended(id);
    expect([state, output.where]).toEqual(["SUCCESS", "vendor"]);
    expect(json["url"]).toBe(output.vendorUrl);
    // The pause until the next try is over.
    await sql`update task_turns set due_at = now() where task_id = ${id}`.execute(gateway.db);
    let later = output;
    for (let i = 0; i < 100 && later.where !== "kept"; i += 1) {
      await Bun.sleep(50);
      later = (await ended(id)).output;
    }
    expect(later).toMatchObject({ where: "kept", vendorUrl: output.vendorUrl, width: 1280, duration: 5 });
    expect((await kept(later)).length).toBe(later.size as number);
    for (let i = 0; i < 40; i += 1) {
      if ((await gateway.db.selectFrom("task_turns").select("task_id").where("task_id", "=", id).execute()).length === 0) break;
      await Bun.sleep(50);
    }
    expect(await gateway.db.selectFrom("task_turns").select("task_id").where("task_id", "=", id).execute()).toEqual([]);
    expect((await gateway.rows(caller.userId)).filter(({ id: request }) => request).length).toBeGreaterThan(0);
    expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });
});

test("F25: a disk that is nearly full: the output stays with the vendor, which is told; a task that would need room for its inputs is not accepted", async () => {
  const full = await testGateway((config) => (config.assets.freeBytesMin = Number.MAX_SAFE_INTEGER));
  const payer = await full.newCaller("10");
  const own = { authorization: `Bearer ${payer.apiKey}`, "content-type": "application/json" };
  const order = (body: object): Promise<Response> => fetch(`${full.url}/task/submit`, { method: "POST", headers: own, body: JSON.stringify(body) });
  const film_ = await fetch(`${full.url}/luma/generations`, { method: "POST", headers: own, body: JSON.stringify({ user_prompt: "a stone [[fault:queue-ms=0;run-ms=0]]", model_name: "ray-2", duration: "5s", resolution: "720p" }) });
  const { id } = (await film_.json()) as { id: string };
  await fetch(`${full.url}/task/${id}?wait=20`, { headers: own });
  const row = await full.db.selectFrom("tasks").select(["state", "outputs"]).where("id", "=", id).executeTakeFirstOrThrow();
  const [output] = row.outputs as TaskOutput[];
  expect([row.state, output?.where, output?.url]).toEqual(["SUCCESS", "vendor", output?.vendorUrl]);
  const large = `data:image/png;base64,${Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(40_000)]).toString("base64")}`;
  expect((await order({ model: "nano-banana-2", prompt: "a stone", config: { size: "1K", images: [large] } })).status).toBe(503);
  expect((await full.db.selectFrom("budgets").select("held_nano").execute()).every(({ held_nano }) => held_nano === "0")).toBe(true);
});

test("ends of signed addresses, in the words of each house (constructed after the vendors' documents)", () => {
  const at = Date.UTC(2026, 10, 25, 8, 0, 0);
  for (const house of ["X-Amz", "X-Goog", "X-Tos"]) expect(signedExpiry(`https://a.example/f.mp4?${house}-Date=20261125T080000Z&${house}-Expires=3600&${house}-Signature=x`)).toBe(at + 3_600_000);
  expect(signedExpiry(`https://a.example/f.mp4?Expires=${at / 1000}&Signature=x`)).toBe(at);
  expect(signedExpiry("https://a.example/f.mp4?sv=2024&se=2026-11-25T08%3A00%3A00Z&sig=x")).toBe(at);
  for (const none of ["https://a.example/f.mp4", "https://a.example/f?se=2026-11-25", "https://a.example/f?Expires=soon", "no address"]) expect(signedExpiry(none)).toBeUndefined();
});

test("F25: with the disk's floor never met the vendor's address is told with its documented end: 30 days at Kling, an hour at Replicate, seven days at fal, a day at Recraft and Ideogram", async () => {
  const full = await testGateway((config) => (config.assets.freeBytesMin = Number.MAX_SAFE_INTEGER));
  const payer = await full.newCaller("10");
  const own = { authorization: `Bearer ${payer.apiKey}`, "content-type": "application/json" };
  const orders = [
    ["/kling/v1/videos/text2video", { model_name: "kling-v1", prompt: "a stone [[fault:queue-ms=0;run-ms=0]]" }, 720],
    ["/replicate/v1/models/black-forest-labs/flux-kontext-pro/predictions", { input: { prompt: "a stone [[fault:queue-ms=0;run-ms=0]]" } }, 1],
    ["/fal-ai/recraft/v3/text-to-image", { prompt: "a stone [[fault:queue-ms=0;run-ms=0]]" }, 168],
    ["/task/submit", { model: "ideogram-v3-generate", prompt: "a stone" }, 24],
    ["/task/submit", { model: "recraftv3", prompt: "a stone" }, 24],
  ] as const;
  for (const [path, body, hours] of orders) {
    const before = Date.now();
    const answer = await fetch(`${full.url}${path}`, { method: "POST", headers: own, body: JSON.stringify(body) });
    const told = (await answer.json()) as { id?: string; task_id?: string; data?: { task_id: string } | null };
    const id = told.data?.task_id ?? told.task_id ?? told.id ?? "";
    const { task_result } = (await (await fetch(`${full.url}/task/${id}?wait=20`, { headers: own })).json()) as { task_result: { url: string; expires_at: number; note: string } };
    const row = await full.db.selectFrom("tasks").select(["state", "outputs"]).where("id", "=", id).executeTakeFirstOrThrow();
    const output = (row.outputs as TaskOutput[])[0] as TaskOutput;
    expect([row.state, output.where, task_result.url, task_result.note]).toEqual(["SUCCESS", "vendor", output.vendorUrl as string, "temporary link"]);
    expect(task_result.expires_at).toBeGreaterThanOrEqual(Math.floor(before / 1000) + hours * 3600);
    expect(task_result.expires_at).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) + hours * 3600);
  }
});
