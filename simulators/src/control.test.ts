import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { sha256 } from "./kit/exchange.ts";
import { startSandbox, type Sandbox } from "./server.ts";
import { rawPost } from "./testing/raw.ts";
import { ASKINGS } from "./testing/vendors.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

const call = async (method: string, path: string, body?: object) => {
  const response = await fetch(sandbox.url + path, {
    method,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, json: (await response.json()) as Record<string, never> };
};
const ask = (index: number, stream: boolean, prompt = "count to 3", extra: Record<string, string> = {}) => {
  const asking = ASKINGS[index];
  if (!asking) throw new Error("no such vendor");
  return rawPost(sandbox.url, asking.path(stream), asking.body(prompt, stream), {
    ...asking.headers,
    ...extra,
  });
};

test("an exchange is listed with what came, what went and what was reported", async () => {
  const answer = await ask(0, true);
  const { json } = await call("GET", "/__sandbox/requests?vendor=openai&limit=1");
  const [entry] = json["requests"] as unknown as Record<string, never>[];
  const body = JSON.stringify(ASKINGS[0]?.body("count to 3", true));
  expect(entry).toMatchObject({
    sequence: 1,
    vendor: "openai",
    path: "/v1/chat/completions",
    credential: "sk-test-key-1",
    model: "gpt-4o",
    stream: true,
    contentTokensSent: 5,
    usage: { completion_tokens: 5 },
    aborted: false,
    body: {
      length: body.length,
      sha256: sha256(body),
      text: body,
      base64: Buffer.from(body).toString("base64"),
      truncated: false,
    },
    answer: {
      status: 200,
      length: answer.body.length,
      sha256: sha256(answer.body),
      text: answer.body,
      completed: true,
    },
  } as never);
  expect((await call("GET", "/__sandbox/requests?since=1")).json["requests"]).toEqual([] as never);
});

test("totals add up over vendors and outlive nothing but a reset", async () => {
  for (const index of [0, 1, 2]) for (const stream of [false, true]) await ask(index, stream);
  await ask(1, true, "count to 9", { "x-sandbox-fault": "cut=2" });
  await ask(0, false, "hi", { "x-sandbox-fault": "status=500" });
  await ask(0, false, "say a", { "x-sandbox-record": "off" });
  const totals = (await call("GET", "/__sandbox/totals")).json["totals"] as unknown as Record<
    string,
    Record<string, object>
  >;
  expect(totals["openai"]?.["gpt-4o"]).toMatchObject({
    requests: 3,
    completed: 3,
    contentTokensSent: 11,
    usage: { completion_tokens: 11 },
  });
  expect(totals["openai"]?.["(none)"]).toMatchObject({ requests: 1, refused: 1 });
  // the cut stream reported only what message_start holds
  expect(totals["anthropic"]?.["claude-sonnet-5"]).toMatchObject({
    requests: 3,
    completed: 2,
    broken: 1,
    usage: { output_tokens: 11 },
  });
  expect(totals["gemini"]?.["gemini-2.0-flash"]).toMatchObject({
    requests: 2,
    usage: { candidatesTokenCount: 10 },
  });
  expect(sandbox.requests()).toHaveLength(8);
  await call("DELETE", "/__sandbox/requests");
  expect((await call("GET", "/__sandbox/totals")).json["totals"]).toEqual({} as never);
});

test("standing faults filter by vendor, path and key", async () => {
  expect(
    (
      await call("POST", "/__sandbox/faults", {
        vendor: "openai",
        path: "chat",
        key: "key-1",
        spec: "status=503",
      })
    ).status,
  ).toBe(201);
  expect((await ask(0, false)).text).toStartWith("HTTP/1.1 503");
  expect((await ask(1, false)).text).toStartWith("HTTP/1.1 200");
  expect((await ask(0, false, "hi", { authorization: "Bearer sk-other-1" })).text).toStartWith(
    "HTTP/1.1 200",
  );
  await call("DELETE", "/__sandbox/faults");
  expect((await ask(0, false)).text).toStartWith("HTTP/1.1 200");
  const bad = await call("POST", "/__sandbox/faults", { spec: "status=599" });
  expect(bad.status).toBe(400);
  expect((await call("POST", "/__sandbox/faults", { vendor: "nobody", spec: "hang" })).status).toBe(400);
});

test("it explains itself, and unknown places answer 404", async () => {
  expect(JSON.stringify((await call("GET", "/__sandbox")).json)).toContain("x-sandbox-fault");
  expect((await call("GET", "/__sandbox/nothing")).status).toBe(404);
  expect((await call("GET", "/nobody/v1/models")).status).toBe(404);
});

test("a client that does not read holds the stream back", async () => {
  const asking = ASKINGS[0];
  const payload = JSON.stringify(asking?.body("write 100000 words", true));
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(sandbox.url).port),
    socket: { data: () => undefined },
  });
  socket.pause();
  socket.write(
    `POST /openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-test-1\r\ncontent-length: ${payload.length}\r\n\r\n${payload}`,
  );
  let [before, now] = [-1, 0];
  for (let tries = 0; tries < 100 && (now === 0 || now !== before); tries += 1) {
    before = now;
    await Bun.sleep(20);
    now = Number(sandbox.requests()[0]?.["contentTokensSent"] ?? 0);
  }
  expect(now).toBeGreaterThan(0);
  expect(now).toBeLessThan(90_000);
  socket.terminate();
  for (let tries = 0; tries < 200 && sandbox.requests()[0]?.["aborted"] !== true; tries += 1)
    await Bun.sleep(1);
  expect(sandbox.requests()[0]?.["aborted"]).toBe(true);
});

test("the command line prints one line when it listens, and leaves with its parent", async () => {
  const child = Bun.spawn(
    [
      process.execPath,
      join(import.meta.dir, "main.ts"),
      "--port",
      "0",
      "--record",
      "totals",
      "--exit-with-parent",
    ],
    { stdin: "pipe", stdout: "pipe" },
  );
  const { value } = await child.stdout.getReader().read();
  const line = JSON.parse(new TextDecoder().decode(value)) as { ready: boolean; url: string };
  expect(line.ready).toBe(true);
  expect((await fetch(`${line.url}/__sandbox`)).status).toBe(200);
  await child.stdin.end();
  expect(await child.exited).toBe(0);
});
