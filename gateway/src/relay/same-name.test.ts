import { expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

/** The environment's key is bad; the file has a channel of the same name (which every vendor's customary channel has) with a good one. */
const gateway = await testGateway((config, sandboxUrl) => {
  config.vendors["openai"] = { credential: "sk-environment", baseUrl: `${sandboxUrl}/openai` };
  config.channels.push({
    name: "openai", vendor: "openai", baseUrl: `${sandboxUrl}/openai`, credentials: ["sk-file"], modelMapping: {}, priority: -1, weight: 1, timeouts: {}, enabled: true,
  });
});

test("S05, V31: a channel of the file named like one of the environment is tried after it, with its own credential", async () => {
  const caller = await gateway.newCaller("1");
  const ask = (fault: string) =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}` },
      body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: `count to 3 [[fault:${fault};only-key=sk-environment]]` }] }),
    });
  for (const fault of ["status=500", "bad-key"]) {
    gateway.sandbox.reset();
    const response = await ask(fault);
    expect(response.status, await response.text()).toBe(200);
    expect(gateway.seen().map((seen) => seen.credential)).toEqual(["sk-environment", "sk-file"]);
  }
  // Its bad key is known now, and says nothing about the other channel's.
  gateway.sandbox.reset();
  expect((await ask("bad-key")).status).toBe(200);
  expect(gateway.seen().map((seen) => seen.credential)).toEqual(["sk-file"]);
});
