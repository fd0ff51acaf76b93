import { expect, test } from "bun:test";
import { decodeSound } from "../../../../simulators/src/testing/decode-sound.ts";
import { testGateway } from "../../testing/gateway.ts";

/** Music and sound effects by `/task/submit`, whose price is their length: what was paid for is what is made. */
const gateway = await testGateway();
const caller = await gateway.newCaller("100");

/** Any answer: the tests look into it, and fail where it is another. */
// eslint-disable-next-line typescript/no-explicit-any -- as above
type Json = Record<string, any>;

async function post(path: string, body: object): Promise<{ status: number; json: Json }> {
  const answer = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: JSON.stringify(body) });
  return { status: answer.status, json: (await answer.json()) as Json };
}

async function ended(id: string): Promise<Json> {
  return (await fetch(`${gateway.url}/task/${id}?wait=20`, { headers: { authorization: `Bearer ${caller.apiKey}` } })).json() as Promise<Json>;
}

async function chargeOf(id: string): Promise<number> {
  const row = await gateway.db.selectFrom("tasks").select("charge_nano").where("id", "=", id).executeTakeFirstOrThrow();
  return Number(row.charge_nano) / 1e9;
}

test.each<[string, object, number, number]>([
  ["elevenlabs-music-v2", {}, 30, 0.3],
  ["elevenlabs-music-v2", { duration: 7, instrumental: true }, 7, 0.07],
  ["elevenlabs-sound-effects-v2", {}, 5, 0.01],
  ["elevenlabs-sound-effects-v2", { duration: 2.5, loop: true, prompt_influence: 0.8 }, 2.5, 0.006],
])("M05 M23: %s %j lasts %d s and costs $%d", async (model, config, seconds, dollars) => {
  expect((await post("/task/quote", { model, prompt: "a river", config })).json["price_usd"]).toBe(dollars);
  const { status, json } = await post("/task/submit", { model, prompt: "a river", config });
  expect([status, json["warnings"]]).toEqual([200, undefined]);
  const task = await ended(json["task_id"]);
  expect(task["status"], JSON.stringify(task)).toBe("SUCCESS");
  const file = await fetch(task["task_result"].audio[0].url as string);
  expect(file.headers.get("content-type")).toBe("audio/mpeg");
  const { channelData, sampleRate } = await decodeSound(await file.bytes());
  expect((channelData[0]?.length ?? 0) / sampleRate).toBeCloseTo(seconds, 1);
  expect(await chargeOf(json["task_id"])).toBe(dollars);
});

test("what the catalog names beside the price reaches the vendor in its words", async () => {
  const sent = async (model: string, config: object): Promise<Json> => {
    const { json } = await post("/task/submit", { model, prompt: "a river", config });
    await ended(json["task_id"]);
    const last: Json = gateway.sandbox.requests().at(-1) ?? {};
    return JSON.parse(last["body"].text as string) as Json;
  };
  expect(await sent("elevenlabs-music-v2.5", { duration: "4", instrumental: true })).toEqual({ model_id: "music_v2_5", prompt: "a river", music_length_ms: 4_000, force_instrumental: true });
  expect(await sent("elevenlabs-sound-effects-v2", { duration: 1, loop: true, prompt_influence: 0.8 })).toEqual({ model_id: "eleven_text_to_sound_v2", text: "a river", duration_seconds: 1, loop: true, prompt_influence: 0.8 });
});

test("M32: a length that is not made is refused before anything is held; a prompt against the vendor's policy fails and costs nothing", async () => {
  for (const [model, duration] of [["elevenlabs-music-v2", 2], ["elevenlabs-music-v2.5", 601], ["elevenlabs-sound-effects-v2", 0.4], ["elevenlabs-sound-effects-v2", 31]] as const)
    expect([model, (await post("/task/submit", { model, prompt: "a river", config: { duration } })).status]).toEqual([model, 400]);
  const { json } = await post("/task/submit", { model: "music_v2", prompt: "a forbidden song" });
  const task = await ended(json["task_id"]);
  expect([task["status"], await chargeOf(json["task_id"])]).toEqual(["FAILURE", 0]);
  expect(task["err_reason"]).toContain("terms of service");
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});
