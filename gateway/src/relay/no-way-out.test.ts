import { beforeEach, describe, expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

/** Two accounts, both faulty: what a caller is told, the first time and while their circuits are open. */
const gateway = await testGateway((config, sandboxUrl) => {
  for (const name of ["first", "second"])
    config.channels.push({ name, vendor: "openai", baseUrl: `${sandboxUrl}/openai`, credentials: [`sk-${name}`], modelMapping: {}, priority: 0, weight: 1, timeouts: {}, enabled: true });
});
const caller = await gateway.newCaller("100");
const ask = (prompt: string): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}` },
    body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: prompt }] }),
  });
const told = async (response: Response) => ({
  status: response.status, retryAfter: response.headers.get("retry-after"), shouldRetry: response.headers.get("x-should-retry"), code: ((await response.json()) as { error: { code: string } }).error.code,
});

beforeEach(() => {
  gateway.channels.budget.refill();
  for (const name of ["first", "second"]) gateway.channels.health.forget(`file:${name}`);
});

describe("F16: nobody can answer", () => {
  test.each(["bad-key", "no-balance"])("%s everywhere: only the operator can cure it, so no agent is told to try again", async (fault) => {
    const operator = { status: 503, retryAfter: null, shouldRetry: "false", code: "no_available_channel" };
    expect(await told(await ask(`hello [[fault:${fault}]]`))).toEqual(operator);
    gateway.sandbox.reset();
    expect(await told(await ask("hello"))).toEqual(operator);
    expect(gateway.seen()).toEqual([]);
  });

  test("one account bad, the other rate-limited: it passes, and the caller is told when", async () => {
    gateway.channels.health.failure("file:first#0", "gpt-4.1-mini", "auth");
    expect(await told(await ask("hello [[fault:status=429;retry-after=7]]"))).toEqual({ status: 429, retryAfter: "7", shouldRetry: null, code: "rate_limit_exceeded" });
    expect(await told(await ask("hello"))).toMatchObject({ status: 429, shouldRetry: null, code: "rate_limit_exceeded" });
  });

  test("the model is missing everywhere: 404, now and while that is remembered", async () => {
    const missing = { status: 404, retryAfter: null, shouldRetry: "false", code: "model_not_found" };
    // The simulator's plain 404 speaks of no model; the vendor's own code does.
    for (const name of ["first", "second"]) gateway.channels.health.failure(`file:${name}#0`, "gpt-4.1-mini", "no_model");
    expect(await told(await ask("hello"))).toEqual(missing);
    gateway.channels.health.failure("file:second#0", "gpt-4.1-mini", "auth");
    expect(await told(await ask("hello"))).toMatchObject({ status: 503, shouldRetry: "false" });
  });
});
