import type { Model, PricedGroup, PriceTable } from "../../catalog/index.ts";
import { type Condition, conditionText } from "../../catalog/conditions.ts";
import { allowedText } from "../../catalog/parameters.ts";
import { PRICE_CLASSES, type PriceClass, unitsPowerOf } from "../../catalog/price-table.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { snippet } from "./snippets.ts";

/** A model as a reader is told of it. */
export interface DescribedModel {
  model: Model;
  /** where it is called first */
  address: string;
  /** groups that serve it and that the reader's keys may have */
  groups: readonly PricedGroup[];
}

/** Addresses of conversation beside OpenAI's first one. */
const CONVERSATION = "/v1/chat/completions";
const CONVERSATION_TOO = ["/v1/responses", "/v1/messages", "/v1beta/models/{model}:generateContent"];

/** A model's documentation as Markdown. Pure. */
export function modelDocument({ model, address, groups, origin }: DescribedModel & { origin: string }): string {
  const { id, displayName, vendor, aliases, contextTokens, maxOutputTokens, abilities, modalities, retiredAt, replacedBy, parameters } = model;
  const callable = groups.length > 0;
  return [
    `# ${displayName} (\`${id}\`)`,
    callable ? "" : `Cannot be called: ${retiredAt === undefined ? "no group of the account serves it" : `its vendor has retired it (${retiredAt})`}.${replacedBy === undefined ? "" : ` Use \`${replacedBy}\`.`}`,
    callable && retiredAt !== undefined ? `Its vendor retires it on ${retiredAt}.${replacedBy === undefined ? "" : ` Use \`${replacedBy}\` then.`}` : "",
    list([
      `vendor: ${vendor}`,
      `takes ${modalities.input.join(", ")}; gives ${modalities.output.join(", ")}`,
      `called at \`POST ${address}\`${address === CONVERSATION ? `, also ${CONVERSATION_TOO.map((path) => `\`${path.replace("{model}", id)}\``).join(", ")}` : ""}`,
      aliases ? `further names: ${aliases.join(", ")}` : "",
      maxOutputTokens > 0 ? `context ${contextTokens} tokens, answer at most ${maxOutputTokens}` : "",
      abilities.length > 0 ? `abilities: ${abilities.join(", ")}` : "",
    ]),
    "## Prices in US dollars",
    ...priceLines(model.prices),
    groups.length === 0 ? "" : `By group (times its ratio, or its own prices): ${groups.map((group) => `${group.name} ${group.own.has(id) ? JSON.stringify(group.own.get(id)?.prices) : `x ${group.ratio}`}`).join(", ")}.`,
    ...(parameters ? ["## Parameters", list(Object.entries(parameters).map(([name, parameter]) => `\`${name}\`: ${allowedText(parameter)}${parameter.default === undefined ? ", must be told" : `, ${String(parameter.default)} unless told`}`))] : []),
    ...(callable ? ["## Request", request(model, address, origin)] : []),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** The parameters of a model that runs as a task, its prices, and a body to begin with. Throws GatewayError for a model that answers at once. Pure. */
export function taskConfig({ model, address }: DescribedModel): Record<string, unknown> {
  if (model.kind === undefined) throw new GatewayError("invalidRequest", { publicText: `The model "${model.id}" is not made as a task, but called at ${address}.` });
  const parameters = Object.entries(model.parameters ?? {}).map(([name, parameter]) => ({ name, allowed: allowedText(parameter), default: parameter.default ?? null, required: parameter.default === undefined }));
  return { model: model.id, kind: model.kind, input: model.modalities.input, parameters, prices: model.prices, endpoint: `POST ${address}`, quote: "POST /task/quote takes the same body and tells the price", example: exampleTask(model) };
}

/** Parameters that are counted: how many pictures and films are given. */
const GIVEN: ReadonlySet<string> = new Set(["images", "videos"]);

function exampleTask({ id, modalities: { input }, parameters = {} }: Model): Record<string, unknown> {
  const told = Object.entries(parameters).filter(([name, parameter]) => parameter.default === undefined && !GIVEN.has(name)).map(([name, { values, from }]) => [name, values?.[0] ?? from ?? 1]);
  const config = { ...Object.fromEntries(told), ...(input.includes("text") ? {} : { [input.includes("video") ? "videos" : "images"]: [`https://example.com/${input.includes("video") ? "film.mp4" : "picture.png"}`] }) } as Record<string, unknown>;
  return { model: id, ...(input.includes("text") ? { prompt: "a red stone" } : {}), ...(Object.keys(config).length > 0 ? { config } : {}) };
}

function request(model: Model, address: string, origin: string): string {
  if (model.kind !== undefined) return curl(origin, address, exampleTask(model));
  if (address === CONVERSATION) return snippet("curl", { origin, model: model.id });
  if (address === "/v1/embeddings" || address === "/v1/moderations") return curl(origin, address, { model: model.id, input: "hello" });
  if (address === "/v1/rerank") return curl(origin, address, { model: model.id, query: "a stone", documents: ["a red stone", "a tree"] });
  if (address === "/v1/audio/speech") return curl(origin, address, { model: model.id, input: "hello", voice: "alloy" });
  if (address === "/v1/images/generations") return curl(origin, address, { model: model.id, prompt: "a red stone" });
  return `\`\`\`sh\ncurl ${origin}${address} -H "Authorization: Bearer $YESCALE_API_KEY" -F model=${model.id} -F file=@speech.mp3\n\`\`\``;
}

const curl = (origin: string, address: string, body: unknown): string => `\`\`\`sh\ncurl ${origin}${address} -H "Authorization: Bearer $YESCALE_API_KEY" -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(body)}'\n\`\`\``;

const list = (lines: readonly string[]): string => lines.filter((line) => line !== "").map((line) => `- ${line}`).join("\n");

const UNITS: Partial<Record<PriceClass, string>> = { audioSeconds: "a second of sound", videoSeconds: "a second of film", gpuSeconds: "a second of a GPU", images: "a picture", megapixels: "a million pixels", request: "a call", credits: "a credit", billableUnits: "a unit" };

/** What a price of a class is for. */
function unitOf(name: PriceClass): string {
  const power = unitsPowerOf(name);
  if (power === 3) return "1,000 calls";
  if (power === 6) return `a million ${name === "characters" ? "characters" : "tokens"}`;
  return UNITS[name] ?? "each";
}

type Priced = { [name in PriceClass]?: string | undefined };
const pricesIn = (prices: Priced): string => PRICE_CLASSES.flatMap((name) => (prices[name] === undefined ? [] : [`${name} ${prices[name]} for ${unitOf(name)}`])).join(", ");

function priceLines(table: PriceTable | undefined): string[] {
  if (!table) return ["None: it cannot be called."];
  const base = pricesIn(table);
  const lines = [
    base === "" ? "" : base,
    ...(table.tiers ?? []).map((tier) => `prompts above ${tier.abovePromptTokens} tokens: ${pricesIn(tier)}`),
    ...(table.variants ?? []).map((variant) => `${Object.entries(variant.when).map(([name, condition]) => `${name} ${conditionText(condition as Condition)}`).join(", ")}: ${pricesIn(variant)}`),
  ];
  return [list(lines)];
}
