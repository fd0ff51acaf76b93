import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "bun:test";
import { z } from "zod";
import { testGateway } from "../testing/gateway.ts";

/** The README's example of a settings file, with the two vendors' addresses put in. */
const README = readFileSync(join(import.meta.dir, "../../../README.md"), "utf8");
const example = z
  .object({ channels: z.array(z.looseObject({ name: z.string(), vendor: z.string(), credentials: z.array(z.string()) })), models: z.array(z.unknown()) })
  .parse(JSON.parse(/```json\n([\s\S]*?)```/.exec(README)?.[1] ?? ""));

const prompts: Record<string, string[]> = { "openai-a": [], local: [] };
const servers = Object.fromEntries(
  example.channels.map(({ name }) => [name, Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: async (request) => (prompts[name]?.push(await request.text()), Response.json({ error: { message: "down" } }, { status: 500 })) })]),
);
const gateway = await testGateway((config) => {
  for (const { credentials, ...channel } of example.channels)
    config.channels.push({
      modelMapping: {}, priority: 0, weight: 1, timeouts: {}, enabled: true, ...channel, baseUrl: `http://127.0.0.1:${servers[channel.name]?.port}/v1`,
      credentials: credentials.map((credential) => credential.replace("env:", "sk-")),
    });
  config.models.push(...example.models);
});
afterAll(() => Promise.all(Object.values(servers).map((server) => server.stop(true))));

test("V31: with the README's settings a prompt for the local model reaches the local server only, even when that is down", async () => {
  const caller = await gateway.newCaller("10");
  const ask = (model: string): Promise<Response> =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}` }, body: JSON.stringify({ model, messages: [{ role: "user", content: `for ${model}` }] }),
    });
  expect((await ask("my-model")).status).toBe(502);
  expect((await ask("gpt-4.1-mini")).status).toBe(502);
  expect(prompts["local"]?.join()).toContain("for my-model");
  expect(prompts["local"]?.join()).not.toContain("for gpt");
  expect(prompts["openai-a"]?.join()).toContain("for gpt-4.1-mini");
  expect(prompts["openai-a"]?.join()).not.toContain("for my-model");
});
