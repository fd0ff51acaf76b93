import type { KeyRecord } from "../accounts/key-record.ts";
import { type Catalog, isClosed, type Model, type PricedGroup, servedSources } from "../catalog/index.ts";
import type { ChannelBook } from "../channels/channel-book.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { groupsServing } from "../relay/model-access.ts";
import { mayUse } from "../relay/model-limits.ts";
import { mediaVendor } from "../tasks/vendor-call.ts";

/** Which of three shapes a caller expects: by its headers, since Google's client reads an empty list out of the wrong one without an error. */
export type ListShape = "openai" | "anthropic" | "gemini";

/** A page is at most this long in Anthropic's shape (its documented maximum). */
const PAGE_MAX = 1_000;
const PAGE_DEFAULT = 1_000;
/** A model without a known date gets the day of the catalog's beginning. */
const UNKNOWN_DATE = "2023-01-01";
const GEMINI_METHODS = ["generateContent", "streamGenerateContent", "countTokens"];
const GEMINI_EMBEDDING_METHODS = ["embedContent", "batchEmbedContents", "countTokens"];

/**
 * The models a key may call: priced, not retired, served by a channel of its group, within its limits. Those that are made as tasks (`kind`) stand in OpenAI's list alone, where clients of the family look for all that a key may use;
 * clients of the other two take every name for a model of conversation.
 */
export function modelsOf(key: KeyRecord, catalog: Catalog, channels: ChannelBook, nowUnixMs: number, shape: ListShape): Model[] {
  const groups = groupsServing(catalog, key.group, key.userId);
  return catalog
    .models()
    .filter(
      (model) =>
        model.compiled &&
        (shape === "openai" || !model.kind) &&
        mayUse(key, model, catalog) &&
        groups.some((group) => isOffered(model, group, key.sandbox, channels, nowUnixMs)),
    );
}

/** Whether somebody serves the model to that group now: its vendor, or of one that can be made as a task any of its sources. A model that its vendor retired is served no more, unless such a source makes it. */
export function isOffered(model: Model, group: PricedGroup, sandbox: boolean, channels: ChannelBook, nowUnixMs: number): boolean {
  if (!model.kind && !isClosed(model, nowUnixMs) && channels.offers(model, group, sandbox)) return true;
  if (!model.kind && !model.sources) return false;
  const sources = servedSources(model, nowUnixMs).filter(({ vendor }) => mediaVendor(vendor) !== undefined);
  return channels.planTask({ model: model.id, sources, withImages: false, group, sandbox }).configured > 0;
}

/** The list in a shape. `query` pages Anthropic's. */
export function renderList(models: readonly Model[], shape: ListShape, query: URLSearchParams): unknown {
  if (shape === "gemini") return { models: models.map((model) => renderModel(model, "gemini")) };
  if (shape === "openai") return { object: "list", data: models.map((model) => renderModel(model, "openai")) };
  const asked = Number(query.get("limit") ?? PAGE_DEFAULT);
  const limit = Number.isInteger(asked) && asked >= 1 ? Math.min(asked, PAGE_MAX) : PAGE_DEFAULT;
  const after = query.get("after_id");
  const before = query.get("before_id");
  let from = after === null ? 0 : models.findIndex((model) => model.id === after) + 1;
  if (before !== null) from = Math.max(0, models.findIndex((model) => model.id === before) - limit);
  const page = models.slice(from, from + limit);
  return {
    data: page.map((model) => renderModel(model, "anthropic")),
    has_more: from + limit < models.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}

/** One model of those a key may call. Throws modelNotFound. */
export function findIn(models: readonly Model[], catalog: Catalog, id: string): Model {
  const found = catalog.find(id);
  const model = found && models.find((entry) => entry.id === found.id);
  if (!model) throw new GatewayError("modelNotFound", { publicText: `The model "${id.slice(0, 100)}" does not exist or is not within this key's reach.`, param: "model" });
  return model;
}

export function renderModel(model: Model, shape: ListShape): unknown {
  const released = model.releasedAt ?? UNKNOWN_DATE;
  if (shape === "anthropic") return { type: "model", id: model.id, display_name: model.displayName ?? model.id, created_at: `${released}T00:00:00Z` };
  if (shape === "openai") return { id: model.id, object: "model", created: Math.floor(Date.parse(released) / 1000), owned_by: model.vendor };
  return {
    name: `models/${model.id}`,
    baseModelId: model.id,
    version: "001",
    displayName: model.displayName ?? model.id,
    ...(model.contextTokens === undefined ? {} : { inputTokenLimit: model.contextTokens }),
    ...(model.maxOutputTokens === undefined ? {} : { outputTokenLimit: model.maxOutputTokens }),
    supportedGenerationMethods: model.modalities.output.includes("embedding") ? GEMINI_EMBEDDING_METHODS : GEMINI_METHODS,
  };
}
