/** Every vendor the sandbox plays. A new vendor is one folder and one line here. */
import type { Vendor } from "./kit/vendor.ts";
import { anthropic } from "./vendors/anthropic/index.ts";
import { cohere } from "./vendors/cohere/index.ts";
import { gemini } from "./vendors/gemini/index.ts";
import { jina } from "./vendors/jina/index.ts";
import { openai } from "./vendors/openai/index.ts";

/** Vendors by the first segment of their paths. */
export const VENDORS: ReadonlyMap<string, Vendor> = new Map(
  [openai, anthropic, gemini, cohere, jina].map((vendor) => [vendor.name, vendor]),
);
