/** What holds for every vendor's slow work: its states in order, real files, every fault, callbacks, cancelling, and nobody else's eyes. */
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { asObject, parseJson } from "../kit/json.ts";
import { startSandbox } from "../server.ts";
import { decodeSound } from "../testing/decode-sound.ts";
import { PLAYERS } from "../testing/players.ts";
import { HAS_FFPROBE, probe } from "../testing/probe.ts";

const START = Date.UTC(2026, 0, 1);
let now = START;
const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => now });
const { url } = sandbox;
afterAll(() => sandbox.stop());
beforeEach(() => {
  now = START;
  sandbox.reset();
});
/** Longer than any task takes at the fast pace, in ms. */
const LONG = 3_000;

/** Opens a file with a decoder of another's. */
async function open(address: string, type: string, headers: Record<string, string> = {}): Promise<number> {
  const answer = await fetch(address, { headers });
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, type]);
  const bytes = await answer.bytes();
  if (type.startsWith("image/")) return (await new Bun.Image(bytes).metadata()).width;
  if (type.startsWith("audio/")) return (await decodeSound(bytes)).channelData[0]?.length ?? 0;
  // where ffmpeg is not installed the head is looked at; the writer of films has tests of its own
  return HAS_FFPROBE ? (probe(bytes).width ?? 0) : Buffer.from(bytes).toString("latin1", 4, 8) === "ftyp" ? bytes.length : 0;
}

describe.each(Object.entries(PLAYERS))("%s", (_name, player) => {
  const download = (address: string, headers: Record<string, string> = {}): Promise<Response> => fetch(address, { headers: { ...player.fileHeaders, ...headers } });
  const begin = async (fault?: string, hook?: string): Promise<string> => {
    const said = await player.submit(url, "a stone by a river", fault === undefined ? {} : { "x-sandbox-fault": fault }, hook);
    expect(said.id).not.toBe("");
    return said.id;
  };

  test("passes its states in order, and its files open", async () => {
    const { words, id } = await player.submit(url, "a stone by a river", {});
    expect(words).toBe(player.accepted);
    const seen: string[] = [];
    let files: string[] = [];
    for (; now < START + LONG; now += 25) {
      const said = await player.poll(url, id);
      if (seen.at(-1) !== said.words) seen.push(said.words);
      ({ files } = said);
    }
    expect(seen).toEqual(player.states);
    const [type, count] = player.outputs;
    expect(new Set(files).size).toBe(count);
    for (const file of files) expect(await open(file, type, player.fileHeaders)).toBeGreaterThan(0);
    const [task] = sandbox.tasks();
    // Google's ids are names that end in it
    expect(id).toEndWith(String(task?.["id"]));
    expect([sandbox.tasks().length, task?.["state"], typeof task?.["toldAt"]]).toEqual([1, "succeeded", "string"]);
  });

  test.each(Object.entries(player.submitFaults))("%s at submit: %s", async (fault, words) => {
    const said = await player.submit(url, "a stone", { "x-sandbox-fault": fault });
    expect(said.words).toBe(words);
  });

  test("a forbidden picture is refused at submit, and no task is made", async () => {
    const said = await player.submit(url, "a forbidden picture", {});
    expect([said.words, sandbox.tasks()]).toEqual([player.submitFaults["refuse-submit"] ?? "", []]);
  });

  test.each(Object.entries(player.endFaults))("%s: %s", async (fault, words) => {
    const id = await begin(fault);
    now += LONG;
    const said = await player.poll(url, id);
    expect(said.words).toBe(words);
    for (const file of said.files) expect((await download(file)).status).toBe(404);
    // and it stays so
    expect((await player.poll(url, id)).words).toBe(words);
  });

  test("no-usage, new-state, never-starts, never-ends", async () => {
    const strange = await begin("new-state;queue-ms=0;run-ms=1000");
    now += 500;
    const { words } = await player.poll(url, strange);
    expect(words).toStartWith("200");
    if (!player.wordless) expect(player.states).not.toContain(words);
    const [waiting, working, silent] = [await begin("never-starts"), await begin("never-ends"), await begin("no-usage")];
    now += 3_600_000;
    expect(player.states.slice(0, -1)).toContain((await player.poll(url, waiting)).words.replace("NOT_START", player.states[0]?.slice(4) ?? ""));
    expect((await player.poll(url, working)).words).toBe(player.states.at(-2) ?? "");
    await player.poll(url, silent);
    expect(sandbox.tasks().find((task) => silent.endsWith(String(task["id"])))?.["usage"]).toBeNull();
  });

  test("spoilt polls do not harm the task", async () => {
    const fine = player.states[0] ?? "";
    for (const fault of ["poll-status=500", "poll-html", "poll-empty", "poll-malformed"]) {
      const id = await begin(`${fault};poll-times=2`);
      expect((await player.poll(url, id)).words).not.toBe(fine);
      expect((await player.poll(url, id)).words).not.toBe(fine);
      expect((await player.poll(url, id)).words).toBe(fine);
    }
  });

  test("downloads: in part, broken off, refused once, and dead addresses", async () => {
    const id = await begin();
    now += LONG;
    const [file = ""] = (await player.poll(url, id)).files;
    const whole = await (await download(file)).bytes();
    const rest = await download(file, { range: "bytes=100-" });
    expect(rest.status).toBe(206);
    expect(Buffer.compare(await rest.bytes(), whole.subarray(100))).toBe(0);
    for (const [fault, outcome] of [["file-status=503", 503], ["file-html", "text/html; charset=utf-8"], ["file-cut", "broken"]] as const) {
      const spoilt = await begin(fault);
      now += LONG;
      const [address = ""] = (await player.poll(url, spoilt)).files;
      const got = await download(address).then(async (answer) => [answer.status, answer.headers.get("content-type"), await answer.bytes().then(() => "whole", () => "broken")]);
      expect(got).toContain(outcome);
      expect((await download(address)).status).toBe(200);
    }
    const dead = await begin("expired-link");
    now += LONG;
    const [address = ""] = (await player.poll(url, dead)).files;
    expect((await download(address)).status).toBeGreaterThanOrEqual(400);
  });

  test("nobody else's key sees it", async () => {
    const id = await begin();
    expect((await player.poll(url, id, "sk-somebody-else")).words).toBe(player.missing);
    expect((await player.poll(url, "9".repeat(16))).words).toBe(player.missing);
  });

  const { told, toldOf, cancel, cancels } = player;
  if (told && toldOf) test("callbacks: in order, twice, the first one last, none", async () => {
    const messages: string[] = [];
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch(request) {
        const text = await request.text();
        messages.push(toldOf(asObject(parseJson(text))));
        return new Response(text);
      },
    });
    const heard = async (fault?: string): Promise<string[]> => {
      messages.length = 0;
      await begin(fault, `http://127.0.0.1:${server.port}/hook`);
      for (let step = 0; step < 40; step += 1) {
        now += 100;
        await sandbox.run();
      }
      return [...messages];
    };
    const first = told.filter((one) => one === "challenge");
    const rest = told.filter((one) => one !== "challenge");
    expect(await heard()).toEqual([...first, ...rest]);
    expect(await heard("callback-twice")).toEqual([...first, ...rest.flatMap((one) => [one, one])]);
    expect((await heard("callback-order"))[first.length]).toBe(rest.at(-1) ?? "");
    expect(await heard("no-callback")).toEqual(first);
    await server.stop(true);
  });

  if (cancel && cancels) test("cancelling: while it waits, works, has ended; and in vain", async () => {
    const [waiting, working, ended] = [await begin("never-starts"), await begin("queue-ms=0;never-ends"), await begin()];
    now += LONG;
    const outcomes = [];
    for (const id of [waiting, working, ended]) outcomes.push(await cancel(url, id));
    expect(outcomes).toEqual(cancels);
    expect((await player.poll(url, waiting)).words.toLowerCase()).toMatch(/cancel/);
    const vain = await begin("cancel-ignored");
    expect(await cancel(url, vain)).toBe(cancels[0]);
    now += LONG;
    expect((await player.poll(url, vain)).words).toBe(player.states.at(-1) ?? "");
  });
});
