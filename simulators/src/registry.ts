/** Every vendor the sandbox plays. A new vendor is one folder and one line here. */
import type { Vendor } from "./kit/vendor.ts";
import { anthropic } from "./vendors/anthropic/index.ts";
import { azure } from "./vendors/azure/index.ts";
import { bedrock } from "./vendors/bedrock/index.ts";
import { cohere } from "./vendors/cohere/index.ts";
import { compatible } from "./vendors/compatible/index.ts";
import { dashscope } from "./vendors/dashscope/index.ts";
import { elevenlabs } from "./vendors/elevenlabs/index.ts";
import { fal } from "./vendors/fal/index.ts";
import { gemini } from "./vendors/gemini/index.ts";
import { ideogram } from "./vendors/ideogram/index.ts";
import { jina } from "./vendors/jina/index.ts";
import { kling } from "./vendors/kling/index.ts";
import { luma } from "./vendors/luma/index.ts";
import { midjourney } from "./vendors/midjourney/index.ts";
import { minimax } from "./vendors/minimax/index.ts";
import { openai } from "./vendors/openai/index.ts";
import { pika } from "./vendors/pika/index.ts";
import { recraft } from "./vendors/recraft/index.ts";
import { replicate } from "./vendors/replicate/index.ts";
import { runway } from "./vendors/runway/index.ts";
import { stripe } from "./vendors/stripe/index.ts";
import { topaz } from "./vendors/topaz/index.ts";
import { suno } from "./vendors/suno/index.ts";
import { vertex } from "./vendors/vertex/index.ts";

/** Vendors by the first segment of their paths. */
export const VENDORS: ReadonlyMap<string, Vendor> = new Map(
  [
    openai,
    anthropic,
    gemini,
    cohere,
    jina,
    azure,
    vertex,
    bedrock,
    elevenlabs,
    minimax,
    recraft,
    dashscope,
    midjourney,
    suno,
    fal,
    replicate,
    runway,
    luma,
    kling,
    ideogram,
    topaz,
    pika,
    stripe,
    ...compatible,
  ].map((vendor) => [vendor.name, vendor]),
);
