import type { VendorAdapter } from "./_kit/adapter.ts";
import { anthropic } from "./anthropic/index.ts";
import { azure } from "./azure/index.ts";
import { bedrock } from "./bedrock/index.ts";
import { cohere } from "./cohere/index.ts";
import { compatible } from "./compatible/index.ts";
import { elevenlabs } from "./elevenlabs/index.ts";
import { fal } from "./fal/index.ts";
import { gemini } from "./gemini/index.ts";
import { ideogram } from "./ideogram/index.ts";
import { jina } from "./jina/index.ts";
import { midjourney } from "./midjourney/index.ts";
import { klingAdapter } from "./kling/index.ts";
import { luma } from "./luma/index.ts";
import { minimax } from "./minimax/index.ts";
import { openai } from "./openai/index.ts";
import { pika } from "./pika/index.ts";
import { recraft } from "./recraft/index.ts";
import { replicate } from "./replicate/index.ts";
import { runway } from "./runway/index.ts";
import { suno } from "./suno/index.ts";
import { topaz } from "./topaz/index.ts";
import { vertexAdapter } from "./vertex/index.ts";

/** All vendors. A new one is a folder and a line here; a server of OpenAI's format is a line in compatible/family.ts. */
export const VENDORS: ReadonlyMap<string, VendorAdapter> = new Map([openai, anthropic, gemini, azure, vertexAdapter(), bedrock, cohere, jina, elevenlabs, minimax, recraft, fal, replicate, ideogram, midjourney, suno, runway, luma, klingAdapter(), pika, topaz, ...compatible].map((vendor) => [vendor.id, vendor]));

/** What the settings must know of each vendor (config.ts). */
export const VENDOR_ENVIRONMENT = [...VENDORS.values()].map((vendor) => ({
  id: vendor.id,
  ...vendor.environment,
  keyless: vendor.keyless ?? false,
  addressless: vendor.defaultBaseUrl === "",
}));
