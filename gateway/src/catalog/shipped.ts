import corrections from "./data/corrections.json" with { type: "json" };
import groups from "./data/groups.json" with { type: "json" };
import anthropic from "./data/models-anthropic.json" with { type: "json" };
import deepseek from "./data/models-deepseek.json" with { type: "json" };
import gemini from "./data/models-gemini.json" with { type: "json" };
import openai from "./data/models-openai.json" with { type: "json" };
import { buildCatalog, type Catalog } from "./catalog.ts";
import type { EntrySource } from "./entries.ts";

/** The shipped model files, in the order in which models are listed. */
const MODELS: readonly EntrySource[] = [
  { file: "models-openai.json", entries: openai },
  { file: "models-anthropic.json", entries: anthropic },
  { file: "models-gemini.json", entries: gemini },
  { file: "models-deepseek.json", entries: deepseek },
];

/**
 * The shipped catalog with the operator's own models and groups laid over it. The data files are imported, so that they are inside a single-file
 * executable too. Throws CatalogError with every fault at once.
 */
export function loadCatalog(overrides: { models: readonly unknown[]; groups: readonly unknown[] } = { models: [], groups: [] }): Catalog {
  return buildCatalog({ models: MODELS, groups: { file: "groups.json", entries: groups }, overrides, pricesAsOf: corrections.pricesAsOf });
}
