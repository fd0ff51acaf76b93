import groups from "./data/groups.json" with { type: "json" };
import anthropic from "./data/models-anthropic.json" with { type: "json" };
import bedrock from "./data/models-bedrock.json" with { type: "json" };
import deepseek from "./data/models-deepseek.json" with { type: "json" };
import cohere from "./data/models-cohere.json" with { type: "json" };
import jina from "./data/models-jina.json" with { type: "json" };
import doubao from "./data/models-doubao.json" with { type: "json" };
import fireworks from "./data/models-fireworks.json" with { type: "json" };
import gemini from "./data/models-gemini.json" with { type: "json" };
import groq from "./data/models-groq.json" with { type: "json" };
import mistral from "./data/models-mistral.json" with { type: "json" };
import moonshot from "./data/models-moonshot.json" with { type: "json" };
import openai from "./data/models-openai.json" with { type: "json" };
import speech from "./data/models-speech.json" with { type: "json" };
import openrouter from "./data/models-openrouter.json" with { type: "json" };
import perplexity from "./data/models-perplexity.json" with { type: "json" };
import qwen from "./data/models-qwen.json" with { type: "json" };
import together from "./data/models-together.json" with { type: "json" };
import xai from "./data/models-xai.json" with { type: "json" };
import origin from "./data/origin.json" with { type: "json" };
import { buildCatalog, type Catalog } from "./catalog.ts";
import type { EntrySource } from "./entries.ts";

/** The shipped model files, in the order in which models are listed. */
export const SHIPPED_MODELS: readonly EntrySource[] = [
  { file: "models-openai.json", entries: openai, checked: true },
  { file: "models-anthropic.json", entries: anthropic, checked: true },
  { file: "models-gemini.json", entries: gemini, checked: true },
  { file: "models-deepseek.json", entries: deepseek, checked: true },
  { file: "models-speech.json", entries: speech, checked: true },
  { file: "models-cohere.json", entries: cohere, checked: true },
  { file: "models-jina.json", entries: jina, checked: true },
  { file: "models-xai.json", entries: xai, checked: true },
  { file: "models-moonshot.json", entries: moonshot, checked: true },
  { file: "models-mistral.json", entries: mistral, checked: true },
  { file: "models-qwen.json", entries: qwen, checked: true },
  { file: "models-doubao.json", entries: doubao, checked: true },
  { file: "models-groq.json", entries: groq, checked: true },
  { file: "models-openrouter.json", entries: openrouter, checked: true },
  { file: "models-together.json", entries: together, checked: true },
  { file: "models-fireworks.json", entries: fireworks, checked: true },
  { file: "models-perplexity.json", entries: perplexity, checked: true },
  { file: "models-bedrock.json", entries: bedrock, checked: true },
];

/** The shipped groups, `default` first. */
export const SHIPPED_GROUPS: EntrySource = { file: "groups.json", entries: groups, checked: true };

/**
 * The shipped catalog with the operator's own models and groups laid over it. The data files are imported, so that they are inside a single-file
 * executable too. Throws CatalogError with every fault at once.
 */
export function loadCatalog(
  overrides: { models: readonly unknown[]; groups: readonly unknown[] } = { models: [], groups: [] },
): Catalog {
  return buildCatalog({
    models: SHIPPED_MODELS,
    groups: SHIPPED_GROUPS,
    overrides,
    pricesAsOf: origin.pricesAsOf,
  });
}
