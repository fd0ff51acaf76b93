/** What goes wrong with tasks, at every vendor that works by them. */
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { heapStats } from "bun:jsc";
import { startSandbox } from "./server.ts";
import { receiver } from "./testing/receiver.ts";
import { TASK_ASKINGS, type TaskAsking } from "./testing/task-vendors.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

type Json = Record<string, unknown>;

function post({ submit, headers, body, callbackQuery }: TaskAsking, mark: string, callback = ""): Promise<Response> {
  const made = body(`waves ${mark}`, callback);
  const query = callbackQuery !== undefined && callback !== "" ? `?${callbackQuery}=${encodeURIComponent(callback)}` : "";
  return fetch(`${sandbox.url}${submit}${query}`, { method: "POST", headers, body: made instanceof URLSearchParams ? made : JSON.stringify(made) });
}
/** A task that is done at once, unless its faults say otherwise. */
async function start(asking: TaskAsking, faults: string, callback = ""): Promise<Json> {
  const answer = await post(asking, `[[fault:queue-ms=0;run-ms=0;${faults}]]`, callback);
  expect(answer.status).toBeLessThan(300);
  return (await answer.json()) as Json;
}
const poll = (asking: TaskAsking, started: Json): Promise<Response> => fetch(`${sandbox.url}${asking.poll(started)}`, { headers: asking.headers });
const state = async (asking: TaskAsking, started: Json): Promise<string> => asking.state((await (await poll(asking, started)).json()) as Json);
async function file(asking: TaskAsking, started: Json): Promise<string> {
  const path = (asking.result ?? asking.poll)(started);
  return asking.file((await (await fetch(`${sandbox.url}${path}`, { headers: asking.headers })).json()) as Json);
}

test("the books by HTTP: what was taken in, where it stands, what was reported; sums over all that match", async () => {
  const runway = TASK_ASKINGS.find((asking) => asking.vendor === "runway") as TaskAsking;
  for (const fault of ["times=9", "fail", "never-ends"]) await start(runway, fault);
  await start(TASK_ASKINGS[0] as TaskAsking, "times=9");
  const books = async (query: string) => (await (await fetch(`${sandbox.url}/__sandbox/tasks${query}`)).json()) as { tasks: Json[]; totals: Json };
  const { tasks, totals } = await books("?vendor=runway&limit=2");
  expect(tasks.map((task) => [task["state"], task["usage"], task["exchange"]])).toEqual([["failed", { credits: 0 }, "exchange-2"], ["running", null, "exchange-3"]]);
  expect(totals).toEqual({ runway: { gen4_turbo: { accepted: 3, queued: 0, running: 1, succeeded: 1, failed: 1, refused: 0, cancelled: 0, usage: { credits: 25 } } } });
  expect((await books(`?id=${String(tasks[0]?.["id"] as string)}`)).tasks).toHaveLength(1);
  expect((await books("")).tasks).toHaveLength(4);
});

test("at the real pace work takes as long as the vendor's", async () => {
  let now = Date.now();
  const real = await startSandbox({ port: 0, hostname: "127.0.0.1", pace: "real", now: () => now });
  const luma = TASK_ASKINGS.find((asking) => asking.vendor === "luma") as TaskAsking;
  const started = (await (await fetch(real.url + luma.submit, { method: "POST", headers: luma.headers, body: JSON.stringify(luma.body("waves", "")) })).json()) as Json;
  const states = [];
  for (const seconds of [14, 16, 59, 61]) {
    now = Date.parse(String(started["created_at"] as string)) + seconds * 1000;
    states.push(luma.state((await (await fetch(real.url + luma.poll(started), { headers: luma.headers })).json()) as Json));
  }
  expect(states).toEqual(["queued", "dreaming", "dreaming", "completed"]);
  await real.stop();
});

test("a task keeps no request: tens of thousands may be open", async () => {
  const many = 300;
  for (const asking of TASK_ASKINGS) {
    sandbox.reset();
    Bun.gc(true);
    const before = heapStats().objectTypeCounts["Headers"] ?? 0;
    for (let index = 0; index < many; index += 1) await (await post(asking, "[[fault:never-ends]]")).text();
    const kept = sandbox.tasks().length;
    Bun.gc(true);
    expect([asking.vendor, kept, (heapStats().objectTypeCounts["Headers"] ?? 0) - before < many / 2]).toEqual([asking.vendor, many, true]);
  }
});

describe.each(TASK_ASKINGS)("$vendor", (asking) => {
  test("all is well: done, a file that opens, in the books", async () => {
    const started = await start(asking, "times=9");
    expect(await state(asking, started)).toBe(asking.done);
    const answer = await fetch(await file(asking, started));
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "video/mp4"]);
    expect(sandbox.tasks()).toMatchObject([{ vendor: asking.vendor, state: "succeeded", downloads: 1 }]);
  });

  test("a spoilt poll decides nothing", async () => {
    for (const [fault, sees] of [["poll-status=503", 503], ["poll-status=500", 500], ["poll-retry-after=3", 429]] as const) {
      const started = await start(asking, `${fault};poll-times=1`);
      const first = await poll(asking, started);
      expect([first.status, await state(asking, started)]).toEqual([sees, asking.done]);
      if (sees === 429) expect(first.headers.get("retry-after")).toBe("3");
    }
    for (const fault of ["poll-html", "poll-empty", "poll-malformed"]) {
      const started = await start(asking, `${fault};poll-times=1`);
      const text = await (await poll(asking, started)).text();
      expect(() => JSON.parse(text) as unknown).toThrow();
      expect(await state(asking, started)).toBe(asking.done);
    }
    const late = await start(asking, "poll-ms=60;poll-times=1");
    const before = performance.now();
    await poll(asking, late);
    expect(performance.now() - before).toBeGreaterThan(55);
    const silent = await start(asking, "poll-hang");
    expect(await fetch(`${sandbox.url}${asking.poll(silent)}`, { headers: asking.headers, signal: AbortSignal.timeout(60) }).catch(() => "no answer")).toBe("no answer");
  });

  test("never starts, never ends, a state that nobody knows", async () => {
    const states = [];
    for (const faults of ["never-starts", "never-ends", "run-ms=60000;new-state"]) states.push(await state(asking, await start(asking, faults)));
    expect(new Set([...states, asking.done]).size).toBe(4);
  });

  test("failed, refused, lost", async () => {
    for (const faults of ["fail", "refuse"]) {
      const started = await start(asking, faults);
      // fal calls it completed all the same: the result tells
      if (asking.vendor !== "fal") expect(await state(asking, started)).not.toBe(asking.done);
      expect(await file(asking, started)).toBe("");
    }
    expect((await poll(asking, await start(asking, "lost-task"))).status).toBe(404);
    const lost = await start(asking, "lost-result");
    expect(await file(asking, lost)).toBe("");
    expect(sandbox.tasks().map((task) => task["state"])).toEqual(["failed", "refused", "succeeded", "succeeded"]);
  });

  test("accepted, and the answer lost or late", async () => {
    expect(await post(asking, "[[fault:lost-answer]]").catch(() => "no answer")).toBe("no answer");
    expect(sandbox.tasks()).toHaveLength(1);
    const before = performance.now();
    await post(asking, "[[fault:late-answer=60]]");
    expect([performance.now() - before > 55, sandbox.tasks().length]).toEqual([true, 2]);
  });

  test("refused at submit: throttled, no money, a bad key; nothing is taken in", async () => {
    const statuses = [];
    for (const fault of ["status=429", "no-balance", "bad-key", "status=500", "status=503"]) statuses.push((await post(asking, `[[fault:${fault}]]`)).status);
    expect([statuses[0], statuses[2], statuses[3], statuses[4]]).toEqual([429, 401, 500, 503]);
    expect([400, 402, 403, 429]).toContain(statuses[1] ?? 0);
    expect(sandbox.tasks()).toEqual([]);
  });

  test("downloads: dead, broken off and taken up, out of order once, a page instead of a film", async () => {
    expect((await fetch(await file(asking, await start(asking, "expired-link")))).status).toBe(403);
    const cut = await file(asking, await start(asking, "file-cut"));
    expect(await fetch(cut).then((answer) => answer.bytes()).catch(() => "broken off")).toBe("broken off");
    const whole = await (await fetch(cut)).bytes();
    const rest = await fetch(cut, { headers: { range: `bytes=${Math.floor(whole.length / 2)}-` } });
    expect([rest.status, Buffer.compare(await rest.bytes(), whole.subarray(Math.floor(whole.length / 2)))]).toEqual([206, 0]);
    const broken = await file(asking, await start(asking, "file-status=503"));
    expect([(await fetch(broken)).status, (await fetch(broken)).status]).toEqual([503, 200]);
    expect((await fetch(await file(asking, await start(asking, "file-html")))).headers.get("content-type")).toStartWith("text/html");
  });

  if (!asking.callbacks) return;
  test("callbacks: once, twice, late, lost", async () => {
    const hook = receiver();
    const ends = (): number => hook.messages.filter(({ text }) => text.includes(asking.done) || text.includes('"OK"')).length;
    const wait = async (count: number): Promise<void> => {
      while (ends() < count) await hook.waitFor(hook.messages.length + 1);
    };
    await start(asking, "times=9", hook.url);
    await wait(1);
    await start(asking, "callback-twice", hook.url);
    await wait(3);
    const before = performance.now();
    await start(asking, "callback-late=80", hook.url);
    await wait(4);
    expect(performance.now() - before).toBeGreaterThan(75);
    await start(asking, "no-callback", hook.url);
    await Bun.sleep(40);
    expect(ends()).toBe(4);
    await hook.stop();
  });
});
