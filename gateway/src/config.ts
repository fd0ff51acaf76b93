import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { IDENTITY_ENVIRONMENT, IDENTITY_TOGETHER, identityOf, type IdentitySettings } from "./settings/identity.ts";
import { PAYMENT_ENVIRONMENT, PAYMENT_TOGETHER, paymentsOf, type PaymentSettings } from "./settings/payments.ts";
import { dollars, httpUrl, missingOf, wholeNumber } from "./settings/kinds.ts";

/** The only reader of the environment. One validated object; a bad setting stops the start, and all faults are told at once. */

const S3_NEEDED = ["YESCALE_S3_ACCESS_KEY_ID", "YESCALE_S3_SECRET_ACCESS_KEY"];

const environmentSchema = z.object({
  HOST: z.string().default("127.0.0.1"),
  PORT: wholeNumber(0, 65_535).default(3000),
  YESCALE_DATA_DIR: z.string().default("./data"),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, "must begin with postgres://").optional(),
  REDIS_URL: z.string().regex(/^(?:redis|rediss|valkey|valkeys)(?:\+tls)?:\/\//, "must begin with redis://, rediss://, valkey:// or valkeys://").optional(),
  YESCALE_WORKERS: wholeNumber(1, 256).default(1),
  YESCALE_SANDBOX: z.enum(["auto", "on", "off"], "must be auto, on or off").default("auto"),
  YESCALE_API_KEY: z.string().regex(/^sk-(?!test-)[A-Za-z0-9]{20,120}$/, "must be sk- and 20 to 120 letters or digits").optional(),
  YESCALE_ACCESS_KEY: z.string().min(20, "must have 20 characters at least").refine((text) => !text.startsWith("sk-"), "must not begin with sk-").optional(),
  YESCALE_ADMIN_PASSWORD: z.string().min(8, "must have 8 characters at least").optional(),
  YESCALE_INITIAL_CREDIT_USD: dollars.default("100"),
  YESCALE_ASSET_URL: httpUrl.transform((url) => url.replace(/\/+$/, "")).optional(),
  YESCALE_ASSET_DAYS: wholeNumber(0, 36_500).default(0),
  YESCALE_ASSET_FREE_MB: wholeNumber(0, 1_000_000_000).default(1024),
  YESCALE_S3_BUCKET: z.string().optional(),
  YESCALE_S3_ENDPOINT: httpUrl.optional(),
  YESCALE_S3_REGION: z.string().optional(),
  YESCALE_S3_ACCESS_KEY_ID: z.string().optional(),
  YESCALE_S3_SECRET_ACCESS_KEY: z.string().optional(),
  YESCALE_MASTER_KEY: z.string().regex(/^[A-Za-z0-9+/_-]{43}=?$/, "must be 32 bytes in base64").optional(),
  YESCALE_CONFIG: z.string().default("yescale.config.json"),
  YESCALE_FAILED_KEYS_PER_MINUTE: wholeNumber(0, 1_000_000).default(1_000),
  YESCALE_FETCH_HTTP: z.enum(["on", "off"], "must be on or off").default("on"),
  YESCALE_LOG_DAYS: wholeNumber(0, 36_500).default(0),
  YESCALE_LOG_ADDRESSES: z.enum(["on", "off"], "must be on or off").default("off"),
  YESCALE_KEEP_ALIVE_SECONDS: wholeNumber(0, 300).default(15),
  YESCALE_SHUTDOWN_SECONDS: wholeNumber(0, 3_600).default(30),
  YESCALE_RESPONSES_DAYS: wholeNumber(0, 3_650).default(30),
  YESCALE_METRICS_TOKEN: z.string().min(16, "must have 16 characters at least").optional(),
  ...IDENTITY_ENVIRONMENT,
  ...PAYMENT_ENVIRONMENT,
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"], "must be debug, info, warn, error or silent").default("info"),
});

const timeoutsSchema = z.strictObject({ firstByteMs: z.int().min(1).optional(), idleMs: z.int().min(1).optional() });

const channelSchema = z.strictObject({
  name: z.string().min(1).max(100),
  vendor: z.string(),
  baseUrl: httpUrl.optional(),
  /** credentials, or `env:NAME` to read one from the environment; none for servers that ask for none */
  credentials: z.array(z.string().min(1)).default([]),
  models: z.array(z.string()).optional(),
  modelMapping: z.record(z.string(), z.string()).default({}),
  groups: z.array(z.string()).optional(),
  priority: z.int().default(0),
  weight: z.number().positive().default(1),
  timeouts: timeoutsSchema.default({}),
  proxy: httpUrl.optional(),
  enabled: z.boolean().default(true),
});

/** The members of a channel are checked one by one, so that a fault in one hides no other. */
const fileSchema = z.strictObject({
  channels: z.array(z.unknown()).default([]),
  /** models and groups laid over the shipped catalog; checked by the catalog itself */
  models: z.array(z.unknown()).default([]),
  groups: z.array(z.unknown()).default([]),
});

export type ChannelSetting = z.infer<typeof channelSchema>;

export interface VendorSetting {
  credential: string | undefined;
  baseUrl: string | undefined;
}

/** Where outputs of models are kept. */
export interface AssetSettings {
  /** what stands before `/assets/...` in addresses given out; undefined: the address the caller used */
  publicUrl: string | undefined;
  /** how long a file lives at least; 0: for ever */
  days: number;
  /** bytes that stay free on the disk of the data folder */
  freeBytesMin: number;
  /** undefined: files lie in the data folder */
  s3: { bucket: string; endpoint: string | undefined; region: string | undefined; accessKeyId: string; secretAccessKey: string } | undefined;
}

export interface Config {
  host: string;
  port: number;
  dataDir: string;
  databaseUrl: string | undefined;
  /** Valkey or Redis that counts limits for several processes; undefined: Postgres does */
  redisUrl: string | undefined;
  workers: number;
  sandbox: "auto" | "on" | "off";
  preset: { apiKey?: string; accessKey?: string; adminPassword?: string };
  initialCreditUsd: string;
  masterKey: string | undefined;
  identity: IdentitySettings;
  payments: PaymentSettings;
  assets: AssetSettings;
  trustedProxies: string[];
  /** requests without a valid key that one address may make in a minute before it is told to wait; 0: any number */
  failedKeysPerMinute: number;
  /** hosts, addresses and ranges, private ones included, that media may be fetched from */
  fetchAllow: string[];
  /** media may be fetched without TLS */
  fetchHttp: boolean;
  /** how long requests stay in the log one by one; 0: for ever */
  logDays: number;
  /** callers' addresses go into the usage log: personal data, so only where the operator wants it */
  logAddresses: boolean;
  /** milliseconds of silence after which a stream gets a keep-alive: load balancers and CDNs cut what is silent for 30 to 100 s; 0: never */
  keepAliveMs: number;
  shutdownSeconds: number;
  /** how long answers of /v1/responses are kept for their callers; 0: not at all */
  responsesDays: number;
  /** lets others than this host read /metrics; undefined: nobody else may */
  metricsToken: string | undefined;
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

/** What the settings must know of a vendor: the names under which its credential and address are customarily set, and what a channel of it needs. */
export interface VendorNames {
  id: string;
  keys: readonly string[];
  keyFiles?: readonly string[];
  baseUrl: string;
  /** makes credential and address of what was read, where they are given in pieces */
  settle?(read: VendorSetting, variable: (name: string) => string | undefined): VendorSetting;
  /** its servers ask for no credential */
  keyless?: boolean;
  /** it has no address that all accounts share */
  addressless?: boolean;
}

export type VendorEnvironment = readonly VendorNames[];

/** Those settings, right or wrong in themselves, that only other parts can judge. */
export interface Claims {
  trustedProxies: readonly string[];
  fetchAllow: readonly string[];
  models: readonly unknown[];
  groups: readonly unknown[];
  channels: readonly ChannelClaims[];
}

export interface ChannelClaims {
  /** how a fault in it is headed */
  where: string;
  /** models it serves, wildcards included */
  models: readonly string[];
  /** public names that it maps to the vendor's */
  mapped: readonly string[];
  groups: readonly string[];
}

/**
 * Reads and checks all settings. `judge` gives the faults that only other parts can see (catalog, addresses). Throws ConfigError with every fault.
 */
export function readConfig(vendors: VendorEnvironment, environment: Record<string, string | undefined> = process.env, judge: (claims: Claims) => string[] = () => []): Config {
  const faults: string[] = [];
  // An empty variable means: not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) for (const issue of parsed.error.issues) faults.push(`${issue.path.join(".")}: ${issue.message}`);
  if (given["PORT"] === "0" && Number(given["YESCALE_WORKERS"] ?? 1) > 1) faults.push("PORT: must not be 0 with several workers, since each would listen on another port");
  for (const name of S3_NEEDED)
    if (given["YESCALE_S3_BUCKET"] !== undefined && given[name] === undefined) faults.push(`${name}: is needed with YESCALE_S3_BUCKET`);
  faults.push(...missingOf([...IDENTITY_TOGETHER, ...PAYMENT_TOGETHER], given));
  const path = resolve(String(given["YESCALE_CONFIG"] ?? "yescale.config.json"));
  const file = readFile(path, given, new Map(vendors.map((vendor) => [vendor.id, vendor])), faults);
  const trustedProxies = listed(given["YESCALE_TRUSTED_PROXIES"]);
  const fetchAllow = listed(given["YESCALE_FETCH_ALLOW"]);
  const vendorSettings: Record<string, VendorSetting> = {};
  for (const vendor of vendors) vendorSettings[vendor.id] = vendorSetting(vendor, given, faults);
  faults.push(...judge({ trustedProxies, fetchAllow, models: file.models, groups: file.groups, channels: file.claims }));
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  const env = parsed.data;
  return {
    host: env.HOST,
    port: env.PORT,
    dataDir: resolve(env.YESCALE_DATA_DIR),
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    workers: env.YESCALE_WORKERS,
    sandbox: env.YESCALE_SANDBOX,
    preset: {
      ...(env.YESCALE_API_KEY ? { apiKey: env.YESCALE_API_KEY } : {}),
      ...(env.YESCALE_ACCESS_KEY ? { accessKey: env.YESCALE_ACCESS_KEY } : {}),
      ...(env.YESCALE_ADMIN_PASSWORD ? { adminPassword: env.YESCALE_ADMIN_PASSWORD } : {}),
    },
    initialCreditUsd: env.YESCALE_INITIAL_CREDIT_USD,
    masterKey: env.YESCALE_MASTER_KEY,
    identity: identityOf(env),
    payments: paymentsOf(env),
    assets: {
      publicUrl: env.YESCALE_ASSET_URL,
      days: env.YESCALE_ASSET_DAYS,
      freeBytesMin: env.YESCALE_ASSET_FREE_MB * 1024 * 1024,
      s3:
        env.YESCALE_S3_BUCKET === undefined
          ? undefined
          : {
              bucket: env.YESCALE_S3_BUCKET,
              endpoint: env.YESCALE_S3_ENDPOINT,
              region: env.YESCALE_S3_REGION,
              accessKeyId: env.YESCALE_S3_ACCESS_KEY_ID ?? "",
              secretAccessKey: env.YESCALE_S3_SECRET_ACCESS_KEY ?? "",
            },
    },
    trustedProxies,
    failedKeysPerMinute: env.YESCALE_FAILED_KEYS_PER_MINUTE,
    fetchAllow,
    fetchHttp: env.YESCALE_FETCH_HTTP === "on",
    keepAliveMs: env.YESCALE_KEEP_ALIVE_SECONDS * 1000,
    logDays: env.YESCALE_LOG_DAYS,
    logAddresses: env.YESCALE_LOG_ADDRESSES === "on",
    shutdownSeconds: env.YESCALE_SHUTDOWN_SECONDS,
    responsesDays: env.YESCALE_RESPONSES_DAYS,
    metricsToken: env.YESCALE_METRICS_TOKEN,
    logLevel: env.LOG_LEVEL,
    channels: file.channels,
    models: file.models,
    groups: file.groups,
    vendors: vendorSettings,
  };
}

function vendorSetting(vendor: VendorNames, given: Record<string, string | undefined>, faults: string[]): VendorSetting {
  const direct = vendor.keys.map((name) => given[name]).find((value) => value !== undefined);
  const read: VendorSetting = { credential: direct ?? fromFiles(vendor.keyFiles ?? [], given, faults), baseUrl: given[vendor.baseUrl] };
  const setting = vendor.settle?.(read, (name) => given[name]) ?? read;
  if (setting.baseUrl !== undefined && !httpUrl.safeParse(setting.baseUrl).success) faults.push(`${vendor.baseUrl}: must be an http or https address`);
  if (vendor.addressless && !vendor.keyless && setting.credential !== undefined && setting.baseUrl === undefined)
    faults.push(`${vendor.baseUrl}: must be set too, since ${vendor.id} has an address of its own for each account`);
  return setting;
}

/** The content of the first file that a variable names. */
function fromFiles(names: readonly string[], given: Record<string, string | undefined>, faults: string[]): string | undefined {
  for (const name of names) {
    const path = given[name];
    if (path === undefined) continue;
    try {
      return readFileSync(path, "utf8").trim();
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return undefined;
}

interface FileContent {
  channels: ChannelSetting[];
  claims: ChannelClaims[];
  models: unknown[];
  groups: unknown[];
}

/** The settings file. Each part is read as far as it can be, so that all its faults are found at once. */
function readFile(path: string, given: Record<string, string | undefined>, vendors: ReadonlyMap<string, VendorNames>, faults: string[]): FileContent {
  const content: FileContent = { channels: [], claims: [], models: [], groups: [] };
  if (!existsSync(path)) {
    if (given["YESCALE_CONFIG"] !== undefined) faults.push(`YESCALE_CONFIG: there is no file ${path}`);
    return content;
  }
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    faults.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    return content;
  }
  const parsed = fileSchema.safeParse(raw);
  if (!parsed.success) for (const issue of parsed.error.issues) faults.push(`${path}: ${issue.path.join(".") || "file"}: ${issue.message}`);
  content.models = listOf(member(raw, "models"));
  content.groups = listOf(member(raw, "groups"));
  const names = new Set<string>();
  for (const [index, entry] of listOf(member(raw, "channels")).entries()) {
    const name = member(entry, "name");
    const where = `${path}: channel ${typeof name === "string" ? `"${name}"` : `number ${index + 1}`}`;
    const fault = (text: string): void => void faults.push(`${where}: ${text}`);
    const channel = channelSchema.safeParse(entry);
    if (!channel.success) for (const issue of channel.error.issues) fault(`${issue.path.length > 0 ? `${issue.path.join(".")}: ` : ""}${issue.message}`);
    const vendor = member(entry, "vendor");
    if (typeof vendor === "string" && !vendors.has(vendor)) fault(`unknown vendor "${vendor}" (known: ${[...vendors.keys()].join(", ")})`);
    const known = vendors.get(String(vendor));
    if (channel.success && channel.data.credentials.length === 0 && !known?.keyless) fault("credentials: at least one is needed");
    if (channel.success && channel.data.baseUrl === undefined && known?.addressless) fault(`baseUrl: is needed, since ${known.id} has no address that all share`);
    if (typeof name === "string" && names.has(name)) faults.push(`${path}: two channels are named "${name}"`);
    if (typeof name === "string") names.add(name);
    const credentials = textsOf(member(entry, "credentials")).map((credential) => fromEnvironment(credential, given, fault));
    if (channel.success) content.channels.push({ ...channel.data, credentials });
    const mapping = member(entry, "modelMapping");
    content.claims.push({
      where,
      models: textsOf(member(entry, "models")),
      // A name that only another mapping leads to need not be public.
      mapped: typeof mapping === "object" && mapping !== null ? Object.keys(mapping).filter((key) => !Object.values(mapping).includes(key)) : [],
      groups: textsOf(member(entry, "groups")),
    });
  }
  return content;
}

/** Entries as people write them: separated by commas or spaces. */
const listed = (text: string | undefined): string[] => (text ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
const member = (value: unknown, name: string): unknown => (typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const textsOf = (value: unknown): string[] => listOf(value).filter((entry) => typeof entry === "string");

function fromEnvironment(credential: string, given: Record<string, string | undefined>, fault: (text: string) => void): string {
  if (!credential.startsWith("env:")) return credential;
  const name = credential.slice("env:".length);
  const value = given[name];
  if (value === undefined) fault(`credentials: the environment has no ${name}`);
  return value ?? "";
}

/** One variable by name: a credential that a command is told to read. */
export const environmentVariable = (name: string): string | undefined => process.env[name];
