import groups from "./data/groups.json" with { type: "json" };
import mediaOfDashscope from "./data/media/dashscope.json" with { type: "json" };
import mediaOfElevenlabs from "./data/media/elevenlabs.json" with { type: "json" };
import mediaOfFal from "./data/media/fal.json" with { type: "json" };
import mediaOfFalOthers from "./data/media/fal-others.json" with { type: "json" };
import mediaOfIdeogram from "./data/media/ideogram.json" with { type: "json" };
import mediaOfKling from "./data/media/kling.json" with { type: "json" };
import mediaOfLuma from "./data/media/luma.json" with { type: "json" };
import mediaOfMidjourney from "./data/media/midjourney.json" with { type: "json" };
import mediaOfMinimaxVideo from "./data/media/minimax-video.json" with { type: "json" };
import mediaOfPika from "./data/media/pika.json" with { type: "json" };
import mediaOfRecraft from "./data/media/recraft.json" with { type: "json" };
import mediaOfReplicate from "./data/media/replicate.json" with { type: "json" };
import mediaOfReplicateOthers from "./data/media/replicate-others.json" with { type: "json" };
import mediaOfRunway from "./data/media/runway.json" with { type: "json" };
import mediaOfSeedance from "./data/media/seedance.json" with { type: "json" };
import mediaOfSora from "./data/media/sora.json" with { type: "json" };
import mediaOfSuno from "./data/media/suno.json" with { type: "json" };
import mediaOfTopaz from "./data/media/topaz.json" with { type: "json" };
import mediaOfXai from "./data/media/xai.json" with { type: "json" };
import mediaOfUnified from "./data/media/unified.json" with { type: "json" };
import mediaOfVeo from "./data/media/veo.json" with { type: "json" };
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
import images from "./data/models-images.json" with { type: "json" };
import speech from "./data/models-speech.json" with { type: "json" };
import openrouter from "./data/models-openrouter.json" with { type: "json" };
import perplexity from "./data/models-perplexity.json" with { type: "json" };
import qwen from "./data/models-qwen.json" with { type: "json" };
import together from "./data/models-together.json" with { type: "json" };
import xai from "./data/models-xai.json" with { type: "json" };
import origin from "./data/origin.json" with { type: "json" };
import { buildCatalog, type Catalog, type Overrides } from "./catalog.ts";
import type { EntrySource } from "./entries.ts";

/** Files of models that run as tasks. Each says where its prices come from and of what date they are. */
export const SHIPPED_MEDIA: readonly { file: string; media: { origin: string; asOf: string; models: readonly unknown[] } }[] = [
  { file: "media/unified.json", media: mediaOfUnified },
  { file: "media/kling.json", media: mediaOfKling },
  { file: "media/runway.json", media: mediaOfRunway },
  { file: "media/luma.json", media: mediaOfLuma },
  { file: "media/pika.json", media: mediaOfPika },
  { file: "media/veo.json", media: mediaOfVeo },
  { file: "media/minimax-video.json", media: mediaOfMinimaxVideo },
  { file: "media/seedance.json", media: mediaOfSeedance },
  { file: "media/midjourney.json", media: mediaOfMidjourney },
  { file: "media/suno.json", media: mediaOfSuno },
  { file: "media/elevenlabs.json", media: mediaOfElevenlabs },
  { file: "media/replicate.json", media: mediaOfReplicate },
  { file: "media/ideogram.json", media: mediaOfIdeogram },
  { file: "media/recraft.json", media: mediaOfRecraft },
  { file: "media/fal.json", media: mediaOfFal },
  { file: "media/fal-others.json", media: mediaOfFalOthers },
  { file: "media/replicate-others.json", media: mediaOfReplicateOthers },
  { file: "media/topaz.json", media: mediaOfTopaz },
  { file: "media/xai.json", media: mediaOfXai },
  { file: "media/dashscope.json", media: mediaOfDashscope },
  { file: "media/sora.json", media: mediaOfSora },
];

/** The shipped model files, in the order in which models are listed. */
export const SHIPPED_MODELS: readonly EntrySource[] = [
  { file: "models-openai.json", entries: openai, checked: true },
  { file: "models-anthropic.json", entries: anthropic, checked: true },
  { file: "models-gemini.json", entries: gemini, checked: true },
  { file: "models-deepseek.json", entries: deepseek, checked: true },
  { file: "models-speech.json", entries: speech, checked: true },
  { file: "models-images.json", entries: images, checked: true },
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
  ...SHIPPED_MEDIA.map(({ file, media }): EntrySource => ({ file, entries: media.models, checked: true })),
];

/** The shipped groups, `default` first. */
export const SHIPPED_GROUPS: EntrySource = { file: "groups.json", entries: groups, checked: true };

/**
 * The shipped catalog with the operator's own models and groups laid over it, those of the settings file (`overrides`) and over them those of the database (`stored`). The data files are imported, so that they are inside a single-file
 * executable too. Throws CatalogError with every fault at once.
 */
export function loadCatalog(overrides: Overrides = {}, stored: Overrides = {}): Catalog {
  return buildCatalog({
    models: SHIPPED_MODELS,
    groups: SHIPPED_GROUPS,
    overrides,
    stored,
    pricesAsOf: origin.pricesAsOf,
  });
}
