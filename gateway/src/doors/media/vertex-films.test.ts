import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "bun:test";
import { testGateway } from "../../testing/gateway.ts";

/** Veo through Vertex AI, by a service account, where Google's other interface refuses. */
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048, privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } });
const gateway = await testGateway((config, sandboxUrl) => {
  const account = { type: "service_account", project_id: "acme", private_key_id: "k1", private_key: privateKey, client_email: "robot@acme.iam.gserviceaccount.com", token_uri: `${sandboxUrl}/vertex/token` };
  config.channels.push({ name: "vertex", vendor: "vertex", baseUrl: `${sandboxUrl}/vertex/v1/projects/acme/locations/us-central1`, credentials: [JSON.stringify(account)], modelMapping: {}, priority: 0, weight: 1, timeouts: {}, enabled: true } as unknown as (typeof config.channels)[number]);
});

// eslint-disable-next-line typescript/no-explicit-any -- tests look into any answer
type Json = Record<string, any>;

test.each([
  ["/veo/v1/videos/generations", { model: "veo3-fast", prompt: "a stone", duration: 4 }, "task_id", 0.6],
  ["/v1/videos", { model: "veo-3.1-generate-preview", prompt: "a stone", seconds: "8", size: "1280x720" }, "id", 3.2],
] as const)("%s: made by Vertex AI with a token, kept by us, charged by its seconds", async (path, body, idName, dollars) => {
  const caller = await gateway.newCaller("10");
  const headers = { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" };
  const made = (await (await fetch(`${gateway.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) })).json()) as Json;
  const task = (await (await fetch(`${gateway.url}/task/${made[idName]}?wait=40`, { headers })).json()) as Json;
  expect(task["status"], JSON.stringify([made, task])).toBe("SUCCESS");
  const film = await fetch(task["task_result"].url);
  expect([film.headers.get("content-type"), Buffer.from(await film.bytes()).toString("latin1", 4, 8)]).toEqual(["video/mp4", "ftyp"]);
  const seen = gateway.seen().filter(({ path: asked }) => asked.includes("veo-"));
  expect(new Set(seen.map(({ vendor }) => vendor))).toEqual(new Set(["vertex"]));
  expect(seen.at(-1)?.path).toEndWith(":fetchPredictOperation");
  expect(Object.fromEntries(seen.at(-1)?.headers ?? [])["authorization"]).toStartWith("Bearer ya29.sandbox-");
  expect(Number((await gateway.rows(caller.userId, 1))[0]?.charge_nano)).toBeCloseTo(dollars * 1e9, 0);
}, 60_000);

test("I6: nothing is held afterwards", async () => {
  expect((await gateway.checkMoney()).wrongBalances).toEqual([]);
});
