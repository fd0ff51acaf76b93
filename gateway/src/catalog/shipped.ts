import groups from "./data/groups.json" with { type: "json" };
import anthropic from "./data/models-anthropic.json" with { type: "json" };
import gemini from "./data/models-gemini.json" with { type: "json" };
import openai from "./data/models-openai.json" with { type: "json" };
import { buildCatalog, type Catalog } from "./catalog.ts";

/** The shipped catalog with the operator's own models and groups laid over it. Throws CatalogError. */
export function loadCatalog(overrides: { models: readonly unknown[]; groups: readonly unknown[] }): Catalog {
  return buildCatalog({
    models: [...openai, ...anthropic, ...gemini, ...overrides.models],
    groups: [...groups, ...overrides.groups],
  });
}
