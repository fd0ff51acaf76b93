import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "bun:test";
import { readSettings } from "../process/settings.ts";
import type { Channel } from "./channel.ts";
import { serving } from "./channel.ts";
import { ChannelBook } from "./channel-book.ts";
import { FakeClock } from "../clock/fake-clock.ts";
import { ConfigError } from "../config.ts";
import { configuredChannels, sandboxChannels } from "./sources.ts";

const folder = mkdtempSync(join(tmpdir(), "yescale-sources-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (content: unknown): string => {
  const path = join(folder, `${Bun.randomUUIDv7()}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};
const channelsOf = (environment: Record<string, string>): Channel[] => configuredChannels(readSettings({ YESCALE_CONFIG: file({}), ...environment }));
const faultsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    channelsOf(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults;
  }
};
const ACCOUNT = JSON.stringify({ project_id: "acme", client_email: "a@b", private_key: "x, y" });

describe("channels out of the environment", () => {
  test.each([
    [{ DEEPSEEK_API_KEY: "k1, k2" }, "deepseek", "https://api.deepseek.com/v1", ["k1", "k2"]],
    [{ OLLAMA_BASE_URL: "http://localhost:11434" }, "ollama", "http://localhost:11434", [""]],
    [{ VLLM_BASE_URL: "http://gpu:8000/v1", VLLM_API_KEY: "secret" }, "vllm", "http://gpu:8000/v1", ["secret"]],
    [{ AZURE_OPENAI_ENDPOINT: "https://a.openai.azure.com", AZURE_OPENAI_API_KEY: "k", OPENAI_API_VERSION: "2024-10-21" }, "azure", "https://a.openai.azure.com/?api-version=2024-10-21", ["k"]],
    [{ GOOGLE_CLOUD_LOCATION: "us-central1", VERTEX_SERVICE_ACCOUNT: ACCOUNT }, "vertex", "https://us-central1-aiplatform.googleapis.com/v1/projects/acme/locations/us-central1", [ACCOUNT]],
    [{ GOOGLE_CLOUD_LOCATION: "global", GOOGLE_APPLICATION_CREDENTIALS: file(ACCOUNT) }, "vertex", "https://aiplatform.googleapis.com/v1/projects/acme/locations/global", [ACCOUNT]],
  ] as [Record<string, string>, string, string, string[]][])("%p", (environment, vendor, baseUrl, credentials) => {
    expect(channelsOf(environment)).toMatchObject([{ vendor, baseUrl, credentials, source: "environment" }]);
  });

  test("what is there for other programs makes no channel: a key of a local server, Google's credentials without a location", () => {
    expect(channelsOf({ OLLAMA_API_KEY: "k", LLAMA_API_KEY: "k", GOOGLE_APPLICATION_CREDENTIALS: file(ACCOUNT), GOOGLE_CLOUD_PROJECT: "acme" })).toEqual([]);
  });

  test("faults", () => {
    expect(faultsOf({ AZURE_OPENAI_API_KEY: "k" })).toEqual(["AZURE_OPENAI_ENDPOINT: must be set too, since azure has an address of its own for each account"]);
    expect(faultsOf({ GOOGLE_CLOUD_LOCATION: "global", GOOGLE_APPLICATION_CREDENTIALS: "/no/such/file" })).toHaveLength(1);
    expect(faultsOf({ OLLAMA_BASE_URL: "localhost:11434" })).toEqual(["OLLAMA_BASE_URL: must be an http or https address"]);
  });
});

describe("channels out of the file", () => {
  const models = [{ id: "llama3.2", vendor: "ollama", prices: { input: "0", output: "0" } }];

  test("a server of one's own needs an address and no credential; others need one", () => {
    const channel = { name: "mine", vendor: "ollama", baseUrl: "http://localhost:11434", models: ["llama3.2"] };
    expect(channelsOf({ YESCALE_CONFIG: file({ models, channels: [channel] }) })).toMatchObject([{ credentials: [""] }]);
    const faults = faultsOf({ YESCALE_CONFIG: file({ models, channels: [{ ...channel, baseUrl: undefined }, { name: "paid", vendor: "groq" }, { name: "az", vendor: "azure", credentials: ["k"] }] }) });
    expect(faults.map((fault) => fault.replace(/^.*?: channel /, ""))).toEqual([
      '"mine": baseUrl: is needed, since ollama has no address that all share',
      '"paid": credentials: at least one is needed',
      '"az": baseUrl: is needed, since azure has no address that all share',
    ]);
  });
});

describe("a vendor that serves another's models under their names", () => {
  const settings = readSettings({ YESCALE_CONFIG: file({}), AZURE_OPENAI_ENDPOINT: "https://a.openai.azure.com", AZURE_OPENAI_API_KEY: "k" });
  const real = configuredChannels(settings);
  const sandbox = sandboxChannels(settings, "http://127.0.0.1:1");
  const model = { id: "gpt-4.1", vendor: "openai" };

  test("its channel stands beside that vendor's, its simulator does not", () => {
    expect(serving([...real, ...sandbox], model).map((channel) => channel.id)).toEqual(["environment:azure", "sandbox:openai"]);
    expect(serving(real, { id: "claude-sonnet-5", vendor: "anthropic" })).toEqual([]);
  });

  test("no simulator stands in for it for keys that pay", () => {
    const book = new ChannelBook(new FakeClock(), () => 0);
    book.setSandbox(sandbox);
    book.setFixed(real);
    const live = (vendor: string): boolean | undefined => book.list().find((channel) => channel.simulated && channel.vendor === vendor)?.servesLive;
    expect([live("openai"), live("azure"), live("gemini")]).toEqual([false, false, true]);
  });
});
