import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "bun:test";
import { freePort } from "../testing/program.ts";

/**
 * The program as an operator starts it, with secrets planted where secrets are, asked on every route with good and bad calls. Afterwards everything that it
 * answered, logged and stored is searched for them: the whole data folder, the database's own files among it.
 */
const CANARIES = {
  caller: "sk-canaryCallerAAAAAAAAAAAAAAAA",
  access: "ak-canaryAccessBBBBBBBBBBBBBBBB",
  password: "canaryPasswordCCCC",
  upstream: "canaryUpstreamDDDD-1",
  stored: "canaryStoredEEEE-2",
  prompt: "canaryPromptFFFF",
  output: "canaryOutputGGGG",
  wrong: "sk-canaryWrongHHHHHHHHHHHHHHHH",
} as const;
/** No secret: stored as it is, so the search must find it. */
const CONTROL = "canaryControlIIII";
type Canary = keyof typeof CANARIES;
/** Read for any canary, whatever its name. */
const found = (text: string): string[] => Object.entries(CANARIES).flatMap(([name, value]) => (text.includes(value) ? [name] : []));

const dataDir = mkdtempSync(join(tmpdir(), "yescale-canaries-"));
const PORT = freePort();
const url = `http://127.0.0.1:${PORT}`;
const main = join(import.meta.dir, "../main.ts");

/** A vendor that tells all it knows in every refusal. */
const vendor = Bun.serve({
  port: 0, hostname: "127.0.0.1",
  async fetch(request) {
    const body = await request.text();
    const status = Number(/status (\d+)/.exec(body)?.[1] ?? "200");
    const credential = request.headers.get("authorization") ?? "";
    const told = `${credential}, that is key=${credential.slice("Bearer ".length)}, at ${request.url}`;
    if (status !== 200) return Response.json({ error: { message: told, type: "x", code: null, param: null } }, { status });
    return Response.json({
      id: "c", object: "chat.completion", created: 1, model: "gpt-4.1-mini", usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: CANARIES.output } }],
    });
  },
});
const environment = {
  ...process.env, PORT: String(PORT), YESCALE_DATA_DIR: dataDir, YESCALE_API_KEY: CANARIES.caller, YESCALE_ACCESS_KEY: CANARIES.access, YESCALE_ADMIN_PASSWORD: CANARIES.password,
  LOG_LEVEL: "debug", YESCALE_WORKERS: "1", YESCALE_SHUTDOWN_SECONDS: "2", DATABASE_URL: "", ANTHROPIC_API_KEY: "", GEMINI_API_KEY: "",
  OPENAI_API_KEY: CANARIES.upstream, OPENAI_BASE_URL: `http://127.0.0.1:${vendor.port}/v1`, CANARY_KEY: CANARIES.stored,
};
afterAll(async () => {
  await vendor.stop(true);
  rmSync(dataDir, { recursive: true, force: true });
});

async function started(): Promise<Bun.Subprocess<"ignore", "pipe", "pipe">> {
  const gateway = Bun.spawn([process.execPath, main, "start"], { env: environment, stdout: "pipe", stderr: "pipe" });
  for (let i = 0; i < 600; i += 1) {
    if (await fetch(`${url}/readyz`).then((response) => response.ok, () => false)) return gateway;
    await Bun.sleep(20);
  }
  throw new Error("the gateway did not become ready");
}

const chat = (content: string): string => JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content }] });
const bearer = (key: string) => ({ authorization: `Bearer ${key}`, "content-type": "application/json" });

/** Every route, rightly and wrongly asked; gives each answer with the canaries that its caller knows already. */
async function askEverything(): Promise<{ what: string; text: string; known: Canary[] }[]> {
  const answers: { what: string; text: string; known: Canary[] }[] = [];
  const ask = async (what: string, init: RequestInit, known: Canary[] = []): Promise<void> => {
    const response = await fetch(`${url}${what}`, init);
    answers.push({ what, known, text: `${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}` });
  };
  for (const status of [200, 400, 401, 403, 404, 429, 500, 503, 400])
    await ask("/v1/chat/completions", { method: "POST", headers: bearer(CANARIES.caller), body: chat(`${CANARIES.prompt} status ${status}`) }, status === 200 ? ["output"] : []);
  await ask("/v1/chat/completions", { method: "POST", headers: bearer(CANARIES.wrong), body: chat(CANARIES.prompt) });
  await ask("/v1/chat/completions", { method: "POST", headers: bearer(CANARIES.caller), body: `{"model":"${CANARIES.prompt}` });
  await ask(`/v1beta/models/gemini-2.5-flash:generateContent?key=${CANARIES.wrong}`, { method: "POST", body: "{}" });
  for (const path of ["/v1/models", "/v1/models/gpt-4.1-mini", "/v1beta/models", "/healthz", "/readyz", "/metrics", "/openapi.json", "/", "/nothing", "/yescale/user", "/yescale/nothing"])
    for (const key of [CANARIES.caller, CANARIES.wrong]) await ask(path, { headers: bearer(key) });
  // The account's own access key is part of its own answer, by the System API's shape.
  for (const path of ["/yescale/user", "/yescale/apikeylist"]) await ask(path, { headers: bearer(CANARIES.access) }, ["access"]);
  return answers;
}

/** Reads a prediction's events at their address, rightly and wrongly; gives the token in it. */
async function readEvents(): Promise<string> {
  const ordered = await fetch(`${url}/replicate/v1/models/google/imagen-4/predictions`, { method: "POST", headers: bearer(CANARIES.caller), body: JSON.stringify({ input: { prompt: "a lake" } }) });
  const { stream } = ((await ordered.json()) as { urls: { stream: string } }).urls;
  expect(await (await fetch(stream)).text()).toContain("event: done");
  for (const wrong of [`${stream}x`, `${stream}/`, `${stream}/x`, `${stream}?key=x`, `${url}/nothing${new URL(stream).pathname}`]) await (await fetch(wrong)).text();
  for (const method of ["POST", "DELETE"]) expect((await fetch(stream, { method })).status).toBe(405);
  return stream.split("/").at(-1) ?? "";
}

describe("V10, V29, V34, V41, I7: planted secrets", () => {
  test("stand in no answer, no log line, no metric and nowhere in the data folder", async () => {
    const gateway = await started();
    const logged = Promise.all([new Response(gateway.stdout).text(), new Response(gateway.stderr).text()]);
    const added = Bun.spawn([process.execPath, join(import.meta.dir, "../cli.ts"), "channel", "add", CONTROL, "--vendor", "openai", "--key-env", "CANARY_KEY", "--base-url", environment.OPENAI_BASE_URL], { env: environment, stdout: "pipe", stderr: "pipe" });
    expect(await added.exited).toBe(0);
    const answers = await askEverything();
    const token = await readEvents();
    gateway.kill("SIGTERM");
    expect(await gateway.exited).toBe(0);
    const log = (await logged).join("\n");

    expect(answers.length).toBeGreaterThan(30);
    for (const { what, text, known } of answers) {
      expect(text).not.toContain(`:${vendor.port}`);
      expect(found(text).filter((name) => !known.includes(name as Canary)), `${what}: ${text}`).toEqual([]);
    }
    expect(log).toContain("request refused");
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(log).not.toContain(token);
    expect(found(log), log.split("\n").filter((line) => found(line).length > 0).join("\n")).toEqual([]);

    const holding: string[] = [];
    let controls = 0;
    for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const content = readFileSync(join(entry.parentPath, entry.name), "latin1");
      if (content.includes(CONTROL)) controls += 1;
      if (content.includes(token)) holding.push(`${entry.name}: token of events`);
      for (const name of found(content)) holding.push(`${entry.name}: ${name}`);
    }
    expect(controls).toBeGreaterThan(0);
    expect(holding).toEqual([]);
  }, 60_000);
});
