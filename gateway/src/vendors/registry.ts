import type { VendorAdapter } from "./_kit/adapter.ts";
import { anthropic } from "./anthropic/index.ts";
import { cohere } from "./cohere/index.ts";
import { gemini } from "./gemini/index.ts";
import { jina } from "./jina/index.ts";
import { openai } from "./openai/index.ts";

/** All vendors. A new one is a folder and a line here. */
export const VENDORS: ReadonlyMap<string, VendorAdapter> = new Map([openai, anthropic, gemini, cohere, jina].map((vendor) => [vendor.id, vendor]));
