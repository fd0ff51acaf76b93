import { expect, test } from "bun:test";
import { eventually, Program } from "../testing/program.ts";

const KEY = "sk-storedstoredstoredstoredstored12";

async function post(program: Program, body: object): Promise<{ status: number; id: string; text: string }> {
  const response = await fetch(`${program.url}/v1/responses`, {
    keepalive: false,
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "claude-sonnet-4-5", ...body }),
  });
  const text = await response.text();
  return { status: response.status, id: /"id":"(resp_[A-Za-z0-9]+)"/.exec(text)?.[1] ?? "", text };
}

const found = (program: Program, id: string): Promise<number> =>
  fetch(`${program.url}/v1/responses/${id}`, { keepalive: false, headers: { authorization: `Bearer ${KEY}` } }).then((response) => response.status);

test("S28: several processes find each other's responses at once, and they survive kill -9 of all and a restart", async () => {
  const program = new Program({ YESCALE_API_KEY: KEY, YESCALE_WORKERS: "2" });
  const first = program.run();
  expect(await program.ready()).toBe(true);
  let last = await post(program, { input: "My name is Zanzibar." });
  const ids = [last.id];
  // Each is asked for by another connection, so now the one, now the other process serves it.
  for (let turn = 0; turn < 12; turn += 1) {
    last = await post(program, { input: `turn ${turn}`, previous_response_id: last.id, stream: turn % 2 === 0 });
    expect(last.status, last.text).toBe(200);
    ids.push(last.id);
  }
  const supervisor = first.process.pid;
  first.process.kill("SIGKILL");
  await first.process.exited;
  // Workers end with their supervisor.
  expect(await eventually(() => fetch(`${program.url}/healthz`, { keepalive: false }).then(() => false, () => true), 20_000)).toBe(true);
  const second = program.run({ YESCALE_WORKERS: "1" });
  expect(await program.ready()).toBe(true);
  expect(second.process.pid).not.toBe(supervisor);
  for (const id of ids) expect(await found(program, id)).toBe(200);
  expect((await post(program, { input: "And now?", previous_response_id: last.id })).status).toBe(200);
  const unflushed = await post(program, { input: "Stored while it stops." });
  await second.stop();
  const third = program.run({ YESCALE_WORKERS: "1" });
  expect(await program.ready()).toBe(true);
  expect(await found(program, unflushed.id)).toBe(200);
  await third.stop();
}, 90_000);
