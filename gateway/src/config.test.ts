import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "./config.ts";
import { readSettings } from "./process/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "yescale-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** A settings file with that content. */
function file(content: unknown): string {
  files += 1;
  const path = join(folder, `${files}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readSettings({ YESCALE_CONFIG: file({}), ...environment });
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

/** Whether some fault tells of each of these. */
const expectAll = (faults: readonly string[], parts: readonly string[]): void => {
  for (const part of parts) expect(faults.filter((fault) => fault.includes(part)).length, `${part} in\n${faults.join("\n")}`).toBeGreaterThan(0);
};

describe("settings", () => {
  test("kept outputs: folder by default, a bucket with its keys, an address without the slash at its end", () => {
    expect(readSettings({ YESCALE_CONFIG: file({}) }).assets).toEqual({ publicUrl: undefined, days: 0, freeBytesMin: 1024 ** 3, s3: undefined });
    const settings = { YESCALE_CONFIG: file({}), YESCALE_ASSET_URL: "https://files.example.org/", YESCALE_ASSET_DAYS: "15", YESCALE_S3_BUCKET: "b", YESCALE_S3_ACCESS_KEY_ID: "k", YESCALE_S3_SECRET_ACCESS_KEY: "s" };
    expect(readSettings(settings).assets).toMatchObject({ publicUrl: "https://files.example.org", days: 15, s3: { bucket: "b", endpoint: undefined } });
    expectAll(faultsOf({ YESCALE_S3_BUCKET: "b", YESCALE_ASSET_DAYS: "-1", YESCALE_ASSET_URL: "files" }), ["YESCALE_S3_ACCESS_KEY_ID", "YESCALE_S3_SECRET_ACCESS_KEY", "YESCALE_ASSET_DAYS", "YESCALE_ASSET_URL"]);
  });

  test("nothing set: the defaults", () => {
    expect(readSettings({ YESCALE_CONFIG: file({}) })).toMatchObject({
      host: "127.0.0.1", port: 3000, workers: 1, sandbox: "auto", initialCreditUsd: "100", shutdownSeconds: 30, logLevel: "info", channels: [], trustedProxies: [], fetchAllow: [], fetchHttp: true, metricsToken: undefined,
    });
  });

  test("the gateway's own address has no path", () => expectAll(faultsOf({ YESCALE_PUBLIC_URL: "https://gateway.example/x" }), ["YESCALE_PUBLIC_URL: must be an address without a path"]));

  test("an empty variable is not set", () => expect(readSettings({ YESCALE_CONFIG: file({}), PORT: "", DATABASE_URL: "" })).toMatchObject({ port: 3000, databaseUrl: undefined }));

  test("every bad variable is told in one message", () => {
    const faults = faultsOf({
      PORT: "70000", DATABASE_URL: "mysql://x", YESCALE_WORKERS: "0", YESCALE_SANDBOX: "maybe", YESCALE_API_KEY: "short", YESCALE_ACCESS_KEY: "sk-0123456789012345678901", YESCALE_ADMIN_PASSWORD: "x",
      YESCALE_INITIAL_CREDIT_USD: "99999999999999", YESCALE_MASTER_KEY: "zzz", YESCALE_TRUSTED_PROXIES: "10.0.0.0/8, garbage", YESCALE_SHUTDOWN_SECONDS: "-1", LOG_LEVEL: "loud", OPENAI_BASE_URL: "nowhere",
      YESCALE_METRICS_TOKEN: "short", YESCALE_FETCH_ALLOW: "*.files.example, 10.0.0.0/33", YESCALE_FETCH_HTTP: "maybe", YESCALE_PUBLIC_URL: "gateway.example",
    });
    expectAll(faults, [
      "PORT: must be from 0 to 65535", "DATABASE_URL:", "YESCALE_WORKERS:", "YESCALE_SANDBOX:", "YESCALE_API_KEY:", "YESCALE_ACCESS_KEY:", "YESCALE_ADMIN_PASSWORD:", "YESCALE_INITIAL_CREDIT_USD: must be at most",
      "YESCALE_MASTER_KEY:", 'YESCALE_TRUSTED_PROXIES: "garbage"', "YESCALE_SHUTDOWN_SECONDS:", "LOG_LEVEL:", "OPENAI_BASE_URL:", "YESCALE_METRICS_TOKEN:", 'YESCALE_FETCH_ALLOW: "10.0.0.0/33"', "YESCALE_FETCH_HTTP:", "YESCALE_PUBLIC_URL: must be an http or https address",
    ]);
    expect(faults.length).toBe(17);
  });

  test("V07: a way to pay without its secret is off; with a part of its settings it is a fault", () => {
    expect(readSettings({}).payments).toEqual({ stripe: undefined, bank: undefined });
    expectAll(faultsOf({ YESCALE_STRIPE_SECRET_KEY: "sk_test_abc" }), ["YESCALE_STRIPE_WEBHOOK_SECRET: is needed"]);
    expectAll(faultsOf({ YESCALE_BANK_BIN: "970436", YESCALE_BANK_ACCOUNT: "0123499999" }), ["YESCALE_SEPAY_API_KEY: is needed"]);
    expect(readSettings({ YESCALE_BANK_BIN: "970436", YESCALE_BANK_ACCOUNT: "0123499999", YESCALE_SEPAY_WEBHOOK_SECRET: "secret-of-the-feed" }).payments.bank?.feed).toEqual({ key: undefined, secret: "secret-of-the-feed" });
    expectAll(faultsOf({ YESCALE_STRIPE_SECRET_KEY: "pk_live_x", YESCALE_STRIPE_WEBHOOK_SECRET: "whsec_", YESCALE_BANK_BIN: "97", YESCALE_BANK_ACCOUNT: "a b", YESCALE_SEPAY_API_KEY: "short" }), ["YESCALE_STRIPE_SECRET_KEY", "YESCALE_STRIPE_WEBHOOK_SECRET", "YESCALE_BANK_BIN", "YESCALE_BANK_ACCOUNT", "YESCALE_SEPAY_API_KEY"]);
    // What is set and empty is not set: no secret is ever the empty one.
    expect(readSettings({ YESCALE_STRIPE_SECRET_KEY: "", YESCALE_STRIPE_WEBHOOK_SECRET: "", YESCALE_SEPAY_API_KEY: "" }).payments).toEqual({ stripe: undefined, bank: undefined });
  });

  test("several workers need a port of their own", () => expectAll(faultsOf({ PORT: "0", YESCALE_WORKERS: "2" }), ["PORT: must not be 0"]));

  test("F28: in a file no fault hides another: unknown member, unknown vendor, missing variable, broken price, unknown group and model", () => {
    const path = file({
      chanels: [],
      channels: [
        { name: "a", vendor: "nobody", credentials: ["env:NOPE_X"], colour: "red" },
        { name: "a", vendor: "openai", credentials: ["x"], baseUrl: "nowhere", weight: -1 },
        { name: "b", vendor: "openai", credentials: [], groups: ["default"] },
        7,
      ],
      models: [{ id: "mine", vendor: "openai", prices: { input: "cheap" } }],
      groups: [{ name: "g", ratio: "x" }],
    });
    const faults = faultsOf({ YESCALE_CONFIG: path, PORT: "x" });
    expectAll(faults, [
      "PORT:", "chanels", 'channel "a": Unrecognized key: "colour"', 'channel "a": unknown vendor "nobody"', "no NOPE_X", 'two channels are named "a"', 'channel "a": baseUrl', 'channel "a": weight',
      'channel "b": credentials', "channel number 4", "settings.models: mine.prices", "settings.groups: g",
    ]);
  });

  test("a channel whose group or model does not exist is a fault; its own models, dated names, wildcards and chains of mappings are none", () => {
    const channel = (more: object) => ({ name: "c", vendor: "openai", credentials: ["x"], ...more });
    const models = [{ id: "mine", vendor: "openai", prices: { input: "1", output: "1" } }];
    const of = (more: object): readonly string[] => faultsOf({ YESCALE_CONFIG: file({ channels: [channel(more)], models }) });
    expectAll(of({ groups: ["nogroup"], models: ["nomodel", "noway-*"], modelMapping: { nothing: "x" } }), ['no group "nogroup"', 'no model "nomodel"', 'no model "noway-*"', 'modelMapping: there is no model "nothing"']);
    expect(of({ groups: ["default"], models: ["mine", "gpt-4.1-2025-04-14", "gpt-*"], modelMapping: { mine: "step", step: "theirs" } })).toEqual([]);
  });

  test.each([["{", "JSON"], ["[]", "file"], ["null", "file"], ['{"channels":5}', "channels"]])("a file that holds %s is a fault, not a crash", (text, part) =>
    expectAll(faultsOf({ YESCALE_CONFIG: file(text) }), [part]));

  test("a file that is not there is a fault only when it was asked for", () => expectAll(faultsOf({ YESCALE_CONFIG: join(folder, "none.json") }), ["there is no file"]));

  test("credentials come from the environment", () => {
    const path = file({ channels: [{ name: "a", vendor: "openai", credentials: ["env:KEY_A", "plain"], weight: 0.5 }] });
    expect(readSettings({ YESCALE_CONFIG: path, KEY_A: "sk-from-there" }).channels[0]).toMatchObject({ credentials: ["sk-from-there", "plain"], weight: 0.5 });
  });
});
