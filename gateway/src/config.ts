import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";

/** The only reader of the environment. One validated object; a bad setting stops the start, and all faults are told at once. */

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`);

const httpUrl = z.string().refine((text) => /^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text), "must be an http or https address");

const environmentSchema = z.object({
  HOST: z.string().default("127.0.0.1"),
  PORT: wholeNumber(0, 65_535).default(3000),
  YESCALE_DATA_DIR: z.string().default("./data"),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, "must begin with postgres://").optional(),
  YESCALE_WORKERS: wholeNumber(1, 256).default(1),
  YESCALE_SANDBOX: z.enum(["auto", "on", "off"], "must be auto, on or off").default("auto"),
  YESCALE_API_KEY: z.string().regex(/^sk-(?!test-)[A-Za-z0-9]{20,120}$/, "must be sk- and 20 to 120 letters or digits").optional(),
  YESCALE_ACCESS_KEY: z.string().min(20, "must have 20 characters at least").refine((text) => !text.startsWith("sk-"), "must not begin with sk-").optional(),
  YESCALE_ADMIN_PASSWORD: z.string().min(8, "must have 8 characters at least").optional(),
  YESCALE_INITIAL_CREDIT_USD: z.string().regex(/^\d+(\.\d{1,9})?$/, "must be dollars such as 100 or 0.5").default("100"),
  YESCALE_MASTER_KEY: z.string().regex(/^[A-Za-z0-9+/_-]{43}=?$/, "must be 32 bytes in base64").optional(),
  YESCALE_CONFIG: z.string().default("yescale.config.json"),
  YESCALE_TRUSTED_PROXIES: z.string().default(""),
  YESCALE_LOG_ADDRESSES: z.enum(["on", "off"], "must be on or off").default("off"),
  YESCALE_SHUTDOWN_SECONDS: wholeNumber(0, 3_600).default(30),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"], "must be debug, info, warn, error or silent").default("info"),
});

const timeoutsSchema = z.strictObject({ firstByteMs: z.int().min(1).optional(), idleMs: z.int().min(1).optional() });

const channelSchema = z.strictObject({
  name: z.string().min(1).max(100),
  vendor: z.string(),
  baseUrl: httpUrl.optional(),
  /** credentials, or `env:NAME` to read one from the environment */
  credentials: z.array(z.string().min(1)).min(1),
  models: z.array(z.string()).optional(),
  modelMapping: z.record(z.string(), z.string()).default({}),
  groups: z.array(z.string()).optional(),
  priority: z.int().default(0),
  weight: z.number().positive().default(1),
  timeouts: timeoutsSchema.default({}),
  proxy: httpUrl.optional(),
  enabled: z.boolean().default(true),
});

const fileSchema = z.strictObject({
  channels: z.array(channelSchema).default([]),
  /** models and groups laid over the shipped catalog; checked by the catalog itself */
  models: z.array(z.unknown()).default([]),
  groups: z.array(z.unknown()).default([]),
});

export type ChannelSetting = z.infer<typeof channelSchema>;

export interface VendorSetting {
  credential: string | undefined;
  baseUrl: string | undefined;
}

export interface Config {
  host: string;
  port: number;
  dataDir: string;
  databaseUrl: string | undefined;
  workers: number;
  sandbox: "auto" | "on" | "off";
  preset: { apiKey?: string; accessKey?: string; adminPassword?: string };
  initialCreditUsd: string;
  masterKey: string | undefined;
  trustedProxies: string[];
  /** callers' addresses go into the usage log: personal data, so only where the operator wants it */
  logAddresses: boolean;
  shutdownSeconds: number;
  logLevel: string;
  channels: ChannelSetting[];
  models: unknown[];
  groups: unknown[];
  vendors: Record<string, VendorSetting>;
}

export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The settings have ${faults.length === 1 ? "a fault" : `${faults.length} faults`}:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
  }
}

/** Names under which each vendor's credential and address are customarily set. */
export type VendorEnvironment = { id: string; keys: readonly string[]; baseUrl: string }[];

/** Reads and checks all settings. Throws ConfigError with every fault. */
export function readConfig(vendors: VendorEnvironment, environment: Record<string, string | undefined> = process.env): Config {
  const faults: string[] = [];
  // An empty variable means: not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) for (const issue of parsed.error.issues) faults.push(`${issue.path.join(".")}: ${issue.message}`);
  const path = resolve(String(given["YESCALE_CONFIG"] ?? "yescale.config.json"));
  const file = readFile(path, given["YESCALE_CONFIG"] !== undefined, faults);
  const channels = (file?.channels ?? []).map((channel) => ({
    ...channel,
    credentials: channel.credentials.map((credential) => fromEnvironment(credential, channel.name, given, faults)),
  }));
  const known = new Set(vendors.map((vendor) => vendor.id));
  const names = new Set<string>();
  for (const channel of channels) {
    if (!known.has(channel.vendor)) faults.push(`${path}: channel "${channel.name}": unknown vendor "${channel.vendor}" (known: ${[...known].join(", ")})`);
    if (names.has(channel.name)) faults.push(`${path}: two channels are named "${channel.name}"`);
    names.add(channel.name);
  }
  const vendorSettings: Record<string, VendorSetting> = {};
  for (const vendor of vendors) {
    const baseUrl = given[vendor.baseUrl];
    if (baseUrl !== undefined && !httpUrl.safeParse(baseUrl).success) faults.push(`${vendor.baseUrl}: must be an http or https address`);
    vendorSettings[vendor.id] = { credential: vendor.keys.map((name) => given[name]).find((value) => value !== undefined), baseUrl };
  }
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  const env = parsed.data;
  return {
    host: env.HOST,
    port: env.PORT,
    dataDir: resolve(env.YESCALE_DATA_DIR),
    databaseUrl: env.DATABASE_URL,
    workers: env.YESCALE_WORKERS,
    sandbox: env.YESCALE_SANDBOX,
    preset: {
      ...(env.YESCALE_API_KEY ? { apiKey: env.YESCALE_API_KEY } : {}),
      ...(env.YESCALE_ACCESS_KEY ? { accessKey: env.YESCALE_ACCESS_KEY } : {}),
      ...(env.YESCALE_ADMIN_PASSWORD ? { adminPassword: env.YESCALE_ADMIN_PASSWORD } : {}),
    },
    initialCreditUsd: env.YESCALE_INITIAL_CREDIT_USD,
    masterKey: env.YESCALE_MASTER_KEY,
    trustedProxies: env.YESCALE_TRUSTED_PROXIES.split(/[\s,]+/).filter((entry) => entry !== ""),
    logAddresses: env.YESCALE_LOG_ADDRESSES === "on",
    shutdownSeconds: env.YESCALE_SHUTDOWN_SECONDS,
    logLevel: env.LOG_LEVEL,
    channels,
    models: file?.models ?? [],
    groups: file?.groups ?? [],
    vendors: vendorSettings,
  };
}

function readFile(path: string, required: boolean, faults: string[]): z.infer<typeof fileSchema> | undefined {
  if (!existsSync(path)) {
    if (required) faults.push(`YESCALE_CONFIG: there is no file ${path}`);
    return undefined;
  }
  try {
    const parsed = fileSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) faults.push(`${path}: ${issue.path.join(".") || "file"}: ${issue.message}`);
  } catch (error) {
    faults.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return undefined;
}

function fromEnvironment(credential: string, channel: string, given: Record<string, string | undefined>, faults: string[]): string {
  if (!credential.startsWith("env:")) return credential;
  const name = credential.slice("env:".length);
  const value = given[name];
  if (value === undefined) faults.push(`channel "${channel}": the environment has no ${name}`);
  return value ?? "";
}

/** One variable by name: a credential that a command is told to read. */
export const environmentVariable = (name: string): string | undefined => process.env[name];
