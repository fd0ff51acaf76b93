import { describe, expect, test } from "bun:test";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { setLimitRule } from "../../store/queries/limits.ts";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway();
const caller = await gateway.newCaller("100");
const stranger = await gateway.newCaller("100");
const pauper = await gateway.newCaller("0");
const png = await picture({ width: 512, height: 512, format: "png", seed: "doors" });
const uri = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;

/** Any answer: tests look into it, and fail where it is another. */
// eslint-disable-next-line typescript/no-explicit-any -- as above
type Json = Record<string, any>;

interface Said {
  status: number;
  json: Json;
}

async function call(method: string, path: string, body?: object | FormData, { key = caller.apiKey, headers = {} }: { key?: string; headers?: Record<string, string> } = {}): Promise<Said> {
  const form = body instanceof FormData;
  const answer = await fetch(`${gateway.url}${path}`, { method, redirect: "manual", headers: { authorization: `Bearer ${key}`, ...(body && !form ? { "content-type": "application/json" } : {}), ...headers }, ...(body ? { body: form ? body : JSON.stringify(body) } : {}) });
  const text = await answer.text();
  return { status: answer.status, json: text === "" ? {} : (JSON.parse(text) as Json) };
}
const fault = (name: string): { headers: Record<string, string> } => ({ headers: { "x-sandbox-fault": name } });

describe("fal, as the documentation shows it", () => {
  test("K14: submit, and the nine members of a finished task; the picture has been kept, the raw output is unchanged", async () => {
    const submit = await call("POST", "/fal-ai/recraft/v3/text-to-image", { prompt: "a red stone" });
    expect(submit).toMatchObject({ status: 200, json: { action: "fal-recraft-v3-text-to-image", status: "SUBMITTED", progress: "10%", data: null, finish_time: 0, message: "YEScale - FalAI Submit", platform: "fal-ai" } });
    const id = String(submit.json["task_id"]);
    const done = await call("GET", `/fal-ai/${id}?wait=8`);
    expect(Object.keys(done.json).toSorted()).toEqual(["action", "data", "finish_time", "message", "platform", "progress", "status", "submit_time", "task_id"]);
    expect(done.json).toMatchObject({ status: "SUCCESS", progress: "100%", message: "YEScale - FalAI Fetch", task_id: id });
    expect(done.json["data"].images[0].url).toStartWith("http");
    const task = await call("GET", `/task/${id}`);
    expect(task.json).toMatchObject({ status: "SUCCESS", progress: "100%", message: "YEScale - FAL-AI - fal-recraft-v3-text-to-image - Task Result" });
    const { url } = task.json["task_result"];
    expect(task.json["task_result"].images).toEqual([{ url, content_type: expect.stringMatching(/^image\//) }]);
    expect(new URL(url).pathname).toStartWith("/assets/");
    expect((await fetch(new URL(new URL(url).pathname, gateway.url))).status).toBe(200);
  });

  test("M05: the charge stands in the log and the ledger with its lines, once", async () => {
    const [row] = await gateway.rows(caller.userId, 1);
    expect(row).toMatchObject({ status: 200, charge_nano: "40000000", model: "fal-recraft-v3-text-to-image" });
    expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });

  test("a failure costs nothing and says why", async () => {
    const submit = await call("POST", "/fal-ai/recraft/v3/text-to-image", { prompt: "a red stone" }, fault("refuse"));
    const done = await call("GET", `/fal-ai/${submit.json["task_id"]}?wait=8`);
    expect(done.json).toMatchObject({ status: "FAILURE", data: null });
    expect(done.json["err_reason"].length).toBeGreaterThan(3);
    const rows = await gateway.rows(caller.userId, 2);
    expect(rows.map((row) => row.charge_nano).toSorted()).toEqual(["0", "40000000"]);
  });

  test("K23, V12: to others a task is not there, alike for what never was", async () => {
    const submit = await call("POST", "/fal-ai/recraft/v3/text-to-image", { prompt: "a red stone" });
    const id = String(submit.json["task_id"]);
    for (const path of [`/fal-ai/${id}`, `/task/${id}`, "/fal-ai/00000000-0000-4000-8000-000000000000", "/task/nothing"]) expect(await call("GET", path, undefined, { key: stranger.apiKey })).toEqual({ status: 404, json: { error: "Task not found" } });
    expect((await call("GET", `/replicate/v1/predictions/${id}`)).status).toBe(404);
  });

  test("bad input: nothing is sent, nothing is held", async () => {
    gateway.sandbox.reset();
    const missing = await call("POST", "/fal-ai/flux-pro/kontext/max", { prompt: "x" });
    expect(missing).toEqual({ status: 400, json: { error: '"image_url" is missing or no text.', code: "invalid_request" } });
    expect((await call("POST", "/fal-ai/some/unknown-model", { prompt: "x" })).status).toBe(404);
    expect((await call("POST", "/fal-ai/recraft/v3/text-to-image", { prompt: "x" }, { key: pauper.apiKey })).status).toBe(402);
    expect((await call("POST", "/fal-ai/recraft/v3/text-to-image", { prompt: "x" }, { key: "sk-nonsense" })).status).toBe(401);
    expect(gateway.sandbox.tasks()).toEqual([]);
  });
});

describe("Replicate's predictions", () => {
  test("made, asked for, waited for; ids and addresses are ours", async () => {
    const made = await call("POST", "/replicate/v1/models/black-forest-labs/flux-kontext-pro/predictions", { input: { prompt: "a hill" } });
    expect(made).toMatchObject({ status: 201, json: { model: "black-forest-labs/flux-kontext-pro", status: "starting", output: null, error: null } });
    expect(made.json["id"]).toMatch(/^[a-z0-9]{26}$/);
    expect(made.json["urls"].get).toBe(`${gateway.url}/replicate/v1/predictions/${made.json["id"]}`);
    const waited = await call("POST", "/replicate/v1/models/google/imagen-4/predictions", { input: { prompt: "a lake" } }, { headers: { prefer: "wait=8" } });
    expect(waited).toMatchObject({ status: 201, json: { status: "succeeded" } });
    expect(String(waited.json["output"])).toContain("/assets/");
    expect((await call("GET", `/replicate/v1/predictions/${made.json["id"]}?wait=8`)).json["status"]).toBe("succeeded");
  });

  test("K20: a cancelled prediction is the vendor's word", async () => {
    const made = await call("POST", "/replicate/v1/models/black-forest-labs/flux-kontext-pro/predictions", { input: { prompt: "a hill" } }, fault("never-ends"));
    await call("GET", `/task/${made.json["id"]}?wait=1`);
    await call("POST", `/replicate/v1/predictions/${made.json["id"]}/cancel`);
    expect((await call("GET", `/replicate/v1/predictions/${made.json["id"]}?wait=8`)).json["status"]).toBe("canceled");
  });

  test("K20: a cancel right after the submit is carried out; what its vendor cannot stop is said to go on", async () => {
    const made = await Promise.all(Array.from({ length: 12 }, async (_, n) => {
      const { json } = await call("POST", "/replicate/v1/models/black-forest-labs/flux-kontext-pro/predictions", { input: { prompt: `hill ${n}` } }, fault("never-ends"));
      expect((await call("POST", `/replicate/v1/predictions/${json["id"]}/cancel`)).status).toBeOneOf([200, 202]);
      return (await call("GET", `/replicate/v1/predictions/${json["id"]}?wait=8`)).json["status"] as string;
    }));
    expect(new Set(made)).toEqual(new Set(["canceled"]));
    const running = await call("POST", "/task/submit", { model: "kling-2.5-turbo", prompt: "a hill" }, fault("never-ends"));
    await call("GET", `/task/${running.json["task_id"]}?wait=1`);
    expect(await call("POST", `/task/${running.json["task_id"]}/cancel`)).toMatchObject({ status: 409, json: { error: expect.stringContaining("goes on"), code: "conflict" } });
  });
});

describe("Midjourney", () => {
  test("imagine, its grid and buttons; an upscale of it, and the same again: one task, one charge (K10)", async () => {
    const imagine = await call("POST", "/mj/submit/imagine", { prompt: "a stone", state: "mine" }, { headers: { "mj-api-secret": caller.apiKey } });
    expect(imagine).toMatchObject({ status: 200, json: { code: 1, properties: {} } });
    const id = String(imagine.json["result"]);
    expect(id).toMatch(/^\d+$/);
    const grid = await call("GET", `/mj/task/${id}/fetch?wait=8`);
    expect(grid.json).toMatchObject({ id, action: "IMAGINE", status: "SUCCESS", progress: "100%", state: "mine", prompt: "a stone" });
    expect(grid.json["buttons"].length).toBeGreaterThan(4);
    expect(grid.json["imageUrl"]).toContain("/assets/");
    const change = { action: "UPSCALE", index: 2, taskId: id };
    const upscale = await call("POST", "/mj/submit/change", change);
    await call("GET", `/mj/task/${upscale.json["result"]}/fetch?wait=8`);
    expect((await call("POST", "/mj/submit/change", change)).json["result"]).toBe(upscale.json["result"]);
    expect((await call("POST", "/mj-turbo/mj/submit/simple-change", { content: `${id} V1` })).json["code"]).toBe(1);
    expect((await call("POST", "/mj/task/list-by-condition", { ids: [id, "1"] })).json).toHaveLength(1);
    expect((await call("GET", `/mj/task/${id}/image-seed`)).json).toMatchObject({ code: 1, result: expect.stringMatching(/^\d+$/) });
    expect(await call("GET", `/mj/task/${id}/image-seed`, undefined, { key: stranger.apiKey })).toMatchObject({ status: 404, json: { code: 3, description: "task_no_found" } });
    expect((await call("GET", `/mj/image/${id}`)).status).toBe(302);
    expect((await call("GET", `/mj/image/${id}`, undefined, { key: stranger.apiKey })).status).toBe(404);
  });

  test("the same upscale from several callers at one moment, in several spellings: one task, one charge (K10)", async () => {
    const grid = String((await call("POST", "/mj/submit/imagine", { prompt: "a stone" })).json["result"]);
    await call("GET", `/mj/task/${grid}/fetch?wait=8`);
    const change = { action: "UPSCALE", index: 3, taskId: grid };
    const answers = await Promise.all([...Array.from({ length: 5 }, (_, i) => call("POST", "/mj/submit/change", { ...change, state: i === 4 ? "other" : "" })), call("POST", "/mj/submit/simple-change", { content: `${grid} U3` })]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const [id] = answers.map(({ json }) => json["result"] as string);
    expect(new Set(answers.map(({ json }) => json["result"]))).toEqual(new Set([id]));
    expect((await call("GET", `/mj/task/${id}/fetch?wait=8`)).json["status"]).toBe("SUCCESS");
    expect((await gateway.db.selectFrom("tasks").select("id").where("parent_id", "=", grid).execute()).map((row) => row.id)).toEqual([id ?? ""]);
  });

  test("a change that failed may be asked for again", async () => {
    const grid = String((await call("POST", "/mj/submit/imagine", { prompt: "a stone" })).json["result"]);
    await call("GET", `/mj/task/${grid}/fetch?wait=8`);
    const change = { action: "UPSCALE", index: 1, taskId: grid };
    const failed = (await call("POST", "/mj/submit/change", change, fault("fail"))).json["result"];
    expect((await call("GET", `/mj/task/${failed}/fetch?wait=8`)).json["status"]).toBe("FAILURE");
    const again = (await call("POST", "/mj/submit/change", change)).json["result"];
    expect(again).not.toBe(failed);
    expect((await call("GET", `/mj/task/${again}/fetch?wait=8`)).json["status"]).toBe("SUCCESS");
  });

  test("a button that opens a window waits for it; the confirmed window and the task that opened it end together", async () => {
    const grid = (await call("POST", "/mj/submit/imagine", { prompt: "a stone" })).json["result"];
    await call("GET", `/mj/task/${grid}/fetch?wait=8`);
    const single = (await call("POST", "/mj/submit/change", { action: "UPSCALE", index: 1, taskId: grid })).json["result"];
    const { buttons } = (await call("GET", `/mj/task/${single}/fetch?wait=8`)).json;
    const { customId } = (buttons as { label: string; customId: string }[]).find(({ label }) => label === "Custom Zoom") ?? { customId: "" };
    const opened = (await call("POST", "/mj/submit/action", { taskId: single, customId })).json["result"];
    for (let look = 0; look < 200 && (await call("GET", `/mj/task/${opened}`)).json["status"] !== "MODAL"; look += 1) await Bun.sleep(20);
    expect((await call("GET", `/mj/task/${opened}`)).json).toMatchObject({ status: "MODAL", action: "CUSTOM_ZOOM" });
    const confirmed = (await call("POST", "/mj/submit/modal", { taskId: opened, prompt: "a stone --zoom 1.5" })).json["result"];
    for (const id of [confirmed, opened]) expect((await call("GET", `/mj/task/${id}?wait=8`)).json).toMatchObject({ id, status: "SUCCESS" });
  });

  test("follow-ups of what is another's, is not there, or is not ready are refused in the family's form", async () => {
    for (const taskId of ["1", "x"]) expect(await call("POST", "/mj/submit/change", { action: "UPSCALE", index: 1, taskId })).toMatchObject({ status: 404, json: { code: 3, description: "task_no_found" } });
    for (const [path, body] of [["imagine", {}], ["imagine", { prompt: 5 }], ["blend", { base64Array: [uri] }], ["change", { action: "MOVE", taskId: "1" }], ["change", { action: "UPSCALE", index: 9, taskId: "1" }], ["simple-change", { content: "x" }], ["describe", { base64: "nothing" }], ["video", { motion: "low" }]] as const)
      expect(await call("POST", `/mj/submit/${path}`, body)).toMatchObject({ status: 400, json: { code: 4, type: "upstream_error" } });
    expect(await call("POST", "/mj/submit/imagine", { prompt: "x" }, { key: pauper.apiKey })).toMatchObject({ status: 402, json: { code: 4, description: "quota_not_enough" } });
  });

  test("a description is a text", async () => {
    const described = await call("POST", "/mj/submit/describe", { base64: uri });
    const done = await call("GET", `/mj/task/${described.json["result"]}?wait=8`);
    expect(done.json["properties"].finalPrompt.length).toBeGreaterThan(10);
    expect((await call("GET", `/task/${described.json["result"]}`)).json["task_result"].text.length).toBeGreaterThan(10);
  });
});

describe("Suno", () => {
  test("a song, its clips with our addresses; lyrics", async () => {
    const made = await call("POST", "/suno/submit/music", { gpt_description_prompt: "a song of stones" });
    expect(made).toMatchObject({ status: 200, json: { code: "success", message: "" } });
    const done = await call("GET", `/suno/fetch/${made.json["data"]}?wait=8`);
    expect(done.json["data"]).toMatchObject({ action: "MUSIC", status: "SUCCESS", progress: "100%", fail_reason: "" });
    expect(done.json["data"].data).toHaveLength(2);
    expect(done.json["data"].data[0].audio_url).toContain("/assets/");
    const lyrics = await call("POST", "/suno/submit/lyrics", { prompt: "stones" });
    await call("GET", `/task/${lyrics.json["data"]}?wait=8`);
    const both = await call("POST", "/suno/fetch", { ids: [made.json["data"], lyrics.json["data"]], action: "LYRICS" });
    expect(both.json["data"]).toHaveLength(1);
    expect(await call("GET", "/suno/fetch/none")).toMatchObject({ status: 404, json: { code: "task_not_exist", data: null } });
    expect((await call("POST", "/suno/submit/music", {})).status).toBe(400);
  });
});

describe("Ideogram and Recraft, which answer at once", () => {
  const formOf = (fields: Record<string, string | File>): FormData => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    return form;
  };
  const file = new File([png], "a.png", { type: "image/png" });

  test("pictures of a form, kept; a tool's picture", async () => {
    const made = await call("POST", "/ideogram/v1/ideogram-v3/generate", formOf({ prompt: "a stone", num_images: "2" }));
    expect(made.status).toBe(200);
    expect(made.json["data"]).toHaveLength(2);
    expect(made.json["data"][0].url).toContain("/assets/");
    const tool = await call("POST", "/recraft/v1/images/removeBackground", formOf({ file }));
    expect(tool.json["image"].url).toContain("/assets/");
    expect((await call("POST", "/ideogram/v1/ideogram-v3/edit", formOf({ prompt: "x", image: file }))).json).toEqual({ error: '"mask" is missing.' });
  });

  test("Recraft draws: its own words reach it, vectors have their price, bounds are told first", async () => {
    const paid = async (body: object): Promise<{ data: Json[]; nano: unknown }> => {
      const { status, json } = await call("POST", "/recraft/v1/images/generations", body);
      expect([status, json]).toMatchObject([200, { created: expect.any(Number) as number }]);
      return { data: json["data"] as Json[], nano: (await gateway.rows(caller.userId, 1)).at(-1)?.charge_nano };
    };
    const photo = await paid({ prompt: "a stone" });
    expect(photo).toMatchObject({ data: [{ url: expect.stringContaining("/assets/") as string }], nano: "40000000" });
    const vector = await paid({ prompt: "a stone", style: "vector_illustration", substyle: "bold_stroke", n: 2, model: "recraftv3" });
    expect([vector.nano, vector.data.map(({ url }) => String(url).endsWith(".svg"))]).toEqual(["160000000", [true, true]]);
    const sent = gateway.seen().findLast(({ vendor, path }) => vendor === "recraft" && path.endsWith("/images/generations"));
    expect(Buffer.from(sent?.body.base64 ?? "", "base64").toString()).toContain('"substyle":"bold_stroke"');
    const bytes = await paid({ prompt: "a stone", response_format: "b64_json" });
    expect(Buffer.from(String(bytes.data[0]?.["b64_json"]), "base64").length).toBeGreaterThan(100);
    for (const wrong of [{}, { prompt: 7 }, { prompt: "x".repeat(1_001) }, { prompt: "x", n: 7 }, { prompt: "x", model: "recraftv9" }, { prompt: "x", response_format: "gif" }])
      expect(await call("POST", "/recraft/v1/images/generations", wrong)).toMatchObject({ status: 400, json: { code: "invalid_request", message: expect.any(String) as string } });
  });

  test("a refusal is the family's error, and nothing is charged", async () => {
    expect((await call("POST", "/ideogram/v1/ideogram-v3/generate", formOf({ prompt: "a stone" }), fault("refuse"))).status).toBe(422);
    expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });
});

describe("tasks in nobody's words", () => {
  test("a source that is overloaded is not waited for while there are others: the next one makes it under the same hold, for the one price", async () => {
    const faults = `${gateway.sandbox.url}/__sandbox/faults`;
    await fetch(faults, { method: "POST", body: JSON.stringify({ vendor: "gemini", spec: "status=503" }) });
    const made = await call("POST", "/task/submit", { model: "nano-banana-2", prompt: "a red stone", config: { size: "1K" } }, { headers: { prefer: "wait=8" } });
    await fetch(faults, { method: "DELETE" });
    expect(made.json).toMatchObject({ status: "SUCCESS" });
    const { attempts, charge_nano } = await gateway.db.selectFrom("tasks").select(["attempts", "charge_nano"]).where("id", "=", String(made.json["task_id"])).executeTakeFirstOrThrow();
    expect((attempts as unknown as Json[]).map(({ source, outcome }) => [source, outcome])).toEqual([[0, "overloaded"], [1, "accepted"]]);
    expect(String(charge_nano)).toBe("80000000");
  });

  test("quoted, submitted, listed, deleted", async () => {
    const body = { model: "nano-banana-2", prompt: "a red stone", config: { size: "1K", aspect_ratio: "16:9", hurry: true } };
    const quote = await call("POST", "/task/quote", body);
    expect(quote.json).toMatchObject({ price_usd: 0.08, most_usd: 0.08, warnings: ['"config.hurry" is not known and was ignored.'] });
    const made = await call("POST", "/task/submit", body, { headers: { prefer: "wait=8" } });
    expect(made.json).toMatchObject({ status: "SUCCESS" });
    expect(made.json["task_result"].images).toHaveLength(1);
    const id = String(made.json["task_id"]);
    expect((await call("GET", "/task?limit=3")).json["data"][0]).toMatchObject({ task_id: id, model: "nano-banana-2" });
    expect((await call("DELETE", `/task/${id}`)).json).toEqual({ task_id: id, deleted: true });
    expect((await call("GET", `/task/${id}`)).status).toBe(404);
    expect(await call("POST", "/task/submit", { ...body, config: { size: "9K" } })).toMatchObject({ status: 400, json: { code: "invalid_request" } });
    expect((await call("POST", "/task/submit", { model: "gpt-4.1-mini", prompt: "x" })).status).toBe(404);
  });

  test("M34: the same Idempotency-Key is one task; for another request it is refused", async () => {
    const body = { model: "nano-banana-2", prompt: "a stone", config: { size: "1K" } };
    const again = { headers: { "idempotency-key": "k-1" } };
    const [first, second] = await Promise.all([call("POST", "/task/submit", body, again), call("POST", "/task/submit", body, again)]);
    expect(second.json["task_id"]).toBe(first.json["task_id"]);
    expect((await call("POST", "/task/submit", { ...body, prompt: "another" }, again)).status).toBe(409);
  });

  test("limits hold at these doors too: a request beyond them is refused, costs and starts nothing", async () => {
    const limited = await gateway.newCaller("10");
    await setLimitRule(gateway.db, { scope: "key", subject: limited.keyId, requestsPerMinute: 1 });
    // Rules are known to every process within a second.
    await Bun.sleep(300);
    const body = { model: "nano-banana-2", prompt: "a stone", config: { size: "1K" } };
    expect((await call("POST", "/task/submit", body, { key: limited.apiKey })).status).toBe(200);
    expect(await call("POST", "/task/submit", body, { key: limited.apiKey })).toMatchObject({ status: 429, json: { code: "rate_limit_exceeded" } });
    expect((await call("GET", "/task", undefined, { key: limited.apiKey })).json["data"]).toHaveLength(1);
  });

  test("a limit of requests at a time counts tasks that have not ended, however they were sent; one that ended makes room", async () => {
    const limited = await gateway.newCaller("10");
    await setLimitRule(gateway.db, { scope: "user", subject: limited.userId, concurrency: 2 });
    await Bun.sleep(300);
    const order = (more: Record<string, string> = {}): Promise<Said> => call("POST", "/fal-ai/recraft/v3/text-to-image", { prompt: "a stone" }, { key: limited.apiKey, headers: { "x-sandbox-fault": "never-ends", ...more } });
    const first = await order({ "idempotency-key": "c-1" });
    const rest = await Promise.all([order(), order(), order()]);
    expect(rest.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 429, 429]);
    expect(rest.find(({ status }) => status === 429)?.json["error"]).toContain("2 requests at a time");
    // The task that is there already needs no further place.
    expect((await order({ "idempotency-key": "c-1" })).json["task_id"]).toBe(first.json["task_id"]);
    await call("GET", `/task/${first.json["task_id"]}?wait=1`, undefined, { key: limited.apiKey });
    await call("POST", `/task/${first.json["task_id"]}/cancel`, undefined, { key: limited.apiKey });
    expect((await call("GET", `/task/${first.json["task_id"]}?wait=8`, undefined, { key: limited.apiKey })).json["status"]).toBe("FAILURE");
    expect((await order()).status).toBe(200);
  });

  test("what the caller says of a task stands in the log's row, and what is malformed is refused", async () => {
    const sayer = await gateway.newCaller("10");
    const order = (said: string): Promise<Said> => call("POST", "/task/submit", { model: "nano-banana-2", prompt: "a stone", config: { size: "1K" } }, { key: sayer.apiKey, headers: { prefer: "wait=8", "x-yescale-metadata": said } });
    expect(await order("feature=x")).toMatchObject({ status: 400 });
    expect((await order('{"feature":"covers","tenant":7}')).json["status"]).toBe("SUCCESS");
    expect((await gateway.rows(sayer.userId, 1))[0]?.metadata).toEqual({ feature: "covers", tenant: "7" });
  });

  test("events tell of progress until the end", async () => {
    const made = await call("POST", "/task/submit", { model: "nano-banana-2", prompt: "a stone", config: { size: "1K" } });
    const answer = await fetch(`${gateway.url}/task/${made.json["task_id"]}/events`, { headers: { authorization: `Bearer ${caller.apiKey}` } });
    expect(answer.headers.get("content-type")).toStartWith("text/event-stream");
    const text = await answer.text();
    expect(text.trimEnd().split("\n\n").at(-1)).toStartWith("event: end\ndata: ");
  });

  test("I6: after all of it nothing is held and the books are even", async () => {
    expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });
});

describe("what a caller's own list and keys tell", () => {
  test("a page of the list ends at a task, so that none of one second is lost", async () => {
    const lister = await gateway.newCaller("50");
    const own = { authorization: `Bearer ${lister.apiKey}`, "content-type": "application/json" };
    const ids = await Promise.all(Array.from({ length: 7 }, async () => ((await (await fetch(`${gateway.url}/task/submit`, { method: "POST", headers: own, body: JSON.stringify({ model: "nano-banana-2", prompt: "a stone", config: { size: "1K" } }) })).json()) as { task_id: string }).task_id));
    const seen: string[] = [];
    for (let before = "", more = true; more; ) {
      const page = (await (await fetch(`${gateway.url}/task?limit=3${before}`, { headers: own })).json()) as { has_more: boolean; data: { task_id: string }[] };
      seen.push(...page.data.map(({ task_id }) => task_id));
      before = `&before=${page.data.at(-1)?.task_id}`;
      more = page.has_more;
    }
    expect([seen.length, seen.toSorted()]).toEqual([7, ids.toSorted()]);
    expect((await fetch(`${gateway.url}/task?before=nobodys`, { headers: own })).status).toBe(400);
  });

  test("Idempotency-Key: what the price looks at and whom to tell are parts of the request; an empty one is none; of a deleted task it is used up", async () => {
    const payer = await gateway.newCaller("50");
    const ask = async (key: string, body: object): Promise<[number, string]> => {
      const answer = await fetch(`${gateway.url}/task/submit`, { method: "POST", headers: { authorization: `Bearer ${payer.apiKey}`, "content-type": "application/json", "idempotency-key": key, prefer: "wait=99999" }, body: JSON.stringify(body) });
      const { task_id: id, status } = (await answer.json()) as { task_id?: string; status?: string };
      // The longest wait is asked for, and is meant.
      if (answer.status === 200) expect(status).toBe("SUCCESS");
      return [answer.status, id ?? ""];
    };
    const body = { model: "ideogram-v3-generate", prompt: "x", config: { rendering_speed: "TURBO" } };
    const [status, id] = await ask("one", body);
    expect([status, await ask("one", body)]).toEqual([200, [200, id]]);
    expect((await ask("one", { ...body, config: { rendering_speed: "QUALITY" } }))[0]).toBe(409);
    expect((await ask("one", { ...body, notify_hook: "https://example.com/other" }))[0]).toBe(409);
    const [first, second] = [await ask("", body), await ask("", { ...body, prompt: "y" })];
    expect([first[0], second[0], first[1] === second[1]]).toEqual([200, 200, false]);
    await fetch(`${gateway.url}/task/${id}`, { method: "DELETE", headers: { authorization: `Bearer ${payer.apiKey}` } });
    expect((await ask("one", body))[0]).toBe(409);
  });
});
