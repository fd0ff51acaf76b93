import { VENDORS } from "../vendors/registry.ts";
import { type ChannelType, channelTypeOf } from "./channel-types.ts";
import { objectIn, type OldProduct, type Row, textOf, wholeOf } from "./old-data.ts";

/** A channel as it will be made; credentials still open. */
export interface PlannedChannel {
  oldId: string;
  name: string;
  vendor: string;
  baseUrl?: string;
  models?: string[];
  modelMapping: Record<string, string>;
  groups?: string[];
  priority: number;
  weight: number;
  enabled: boolean;
  credentials: string[];
}

const INTEGER_MAX = 1_000_000n;
const NAME_LENGTH_MAX = 80;
const ENABLED = 1n;

const within = (value: bigint, least: bigint): number => Number(value < least ? least : value > INTEGER_MAX ? INTEGER_MAX : value);
export const parts = (text: string, mark: string | RegExp = ","): string[] => text.split(mark).map((part) => part.trim()).filter((part) => part !== "");

/** A channel of theirs as one of ours, or why there is none. `notes`: what of it is not taken over. Pure. */
export function planChannel(row: Row, product: OldProduct, notes: string[]): PlannedChannel | string {
  const type = Number(wholeOf(row, "type"));
  const is = channelTypeOf(product, type);
  const label = `channel ${textOf(row, "id")} "${textOf(row, "name")}"`;
  if (!is) return `${label}: no vendor here is of type ${type}`;
  const { credentials, baseUrl } = accountOf(row, is);
  const vendor = VENDORS.get(is.vendor);
  if (credentials.length === 0 && !vendor?.keyless) return `${label}: it has no key`;
  if (baseUrl === undefined && vendor?.defaultBaseUrl === "") return `${label}: ${vendor.displayName} needs an address, and it has none`;
  for (const member of ["param_override", "header_override", "status_code_mapping", "system_prompt"]) if (!["", "{}", "null"].includes(textOf(row, member).trim())) notes.push(`${label}: its ${member} is not taken over`);
  const models = parts(textOf(row, "models"));
  const mapping = Object.entries(objectIn(textOf(row, "model_mapping"))).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const groups = parts(textOf(row, "group"));
  return {
    oldId: textOf(row, "id"),
    name: (textOf(row, "name").trim() || `${is.vendor}-${textOf(row, "id")}`).slice(0, NAME_LENGTH_MAX),
    vendor: is.vendor,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(models.length > 0 ? { models } : {}),
    modelMapping: Object.fromEntries(mapping),
    ...(groups.length > 0 ? { groups } : {}),
    priority: within(wholeOf(row, "priority"), -INTEGER_MAX),
    weight: within(wholeOf(row, "weight"), 1n),
    enabled: wholeOf(row, "status", ENABLED) === ENABLED,
    credentials,
  };
}

/** Keys and address, which some vendors have one in the other. */
function accountOf(row: Row, { vendor, base }: ChannelType): { credentials: string[]; baseUrl?: string } {
  const keys = keysOf(row, vendor);
  const given = textOf(row, "base_url").trim().replace(/\/chat\/completions\/?$/, "") || base;
  const other = textOf(row, "other").trim();
  if (vendor === "bedrock") return bedrockAccount(keys, given);
  if (vendor === "vertex") return { credentials: keys, ...(given === undefined ? vertexAddress(keys[0] ?? "", other) : { baseUrl: given }) };
  if (given === undefined) return { credentials: keys };
  if (vendor === "azure") return { credentials: keys, baseUrl: other === "" ? given : `${given.replace(/\/+$/, "")}?api-version=${encodeURIComponent(other)}` };
  return { credentials: keys, baseUrl: withPath(given, vendor) };
}

/** Keys stand one on a line, or as JSON objects in a list; those that were switched off one by one stay out. */
function keysOf(row: Row, vendor: string): string[] {
  const text = textOf(row, "key").trim();
  const { is_multi_key: several, multi_key_status_list: states } = objectIn(textOf(row, "channel_info"));
  const all = vendor === "vertex" ? jsonKeys(text) : parts(text, /\r?\n/);
  const off = several === true && typeof states === "object" && states !== null ? (states as Record<string, unknown>) : {};
  return all.filter((_, index) => off[String(index)] === undefined || off[String(index)] === 1);
}

function jsonKeys(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    return (Array.isArray(value) ? value : [value]).map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
  } catch {
    return parts(text, /\r?\n/);
  }
}

/** `AccessKey|SecretKey|region`, or `ApiKey|region`. */
function bedrockAccount(keys: readonly string[], given: string | undefined): { credentials: string[]; baseUrl?: string } {
  const split = keys.map((key) => key.split("|").map((part) => part.trim()));
  const region = split[0]?.at(-1);
  const credentials = split.flatMap((one) => (one.length === 3 ? [`${one[0]}:${one[1]}`] : one.length === 2 ? [one[0] ?? ""] : []));
  const baseUrl = given ?? (region === undefined || credentials.length === 0 ? undefined : `https://bedrock-runtime.${region}.amazonaws.com`);
  return { credentials, ...(baseUrl === undefined ? {} : { baseUrl }) };
}

/** The region is a word, or stands under `default` of an object. */
function vertexAddress(key: string, other: string): { baseUrl?: string } {
  const told = objectIn(other)["default"];
  const region = typeof told === "string" ? told : other.startsWith("{") || other === "" ? "global" : other;
  const project = objectIn(key)["project_id"];
  const host = region === "global" ? "https://aiplatform.googleapis.com" : `https://${region}-aiplatform.googleapis.com`;
  return { baseUrl: typeof project === "string" ? `${host}/v1/projects/${project}/locations/${region}` : `${host}/v1` };
}

/** Their addresses are hosts alone; some of our vendors have a path behind it. */
function withPath(address: string, vendor: string): string {
  const ours = VENDORS.get(vendor)?.defaultBaseUrl ?? "";
  if (!URL.canParse(address) || !URL.canParse(ours) || !/^https?:\/\/[^/]+\/?$/.test(address)) return address;
  const { pathname } = new URL(ours);
  return pathname === "/" ? address : `${address.replace(/\/$/, "")}${pathname}`;
}
