import type { DialectId } from "../dialects/canonical/dialect.ts";
import { objectOf } from "../dialects/canonical/fields.ts";
import { JsonScan } from "../dialects/canonical/json-scan.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { BodyScan } from "./request-body.ts";
import { table } from "../table.ts";

/**
 * Members of a request by which a caller chooses another price at the vendor, and their values that cost what the catalog says. Prices know no such
 * choice yet, so every other value is refused: the body is never changed (promise 2), and a dearer tier would be our loss.
 *
 * OpenAI: `flex`, `priority` and `scale` have prices of their own (`service_tier` in the `openai` SDK's types). Anthropic: `auto` may use capacity that was
 * paid for ahead, at the same price; fast mode and US-only inference cost a multiple; `fallbacks` lets another model answer, at that one's price.
 * Gemini: `flex` and `priority` (enum ServiceTier of `@google/genai`), with both spellings that its JSON takes.
 */
const ORDINARY: Readonly<Record<DialectId, Readonly<Record<string, readonly string[]>>>> = table({
  "openai-chat": { service_tier: ["auto", "default"] },
  "openai-responses": { service_tier: ["auto", "default"] },
  "openai-completions": { service_tier: ["auto", "default"] },
  "openai-embeddings": {},
  "gemini-embeddings": {},
  "openai-moderations": {},
  rerank: {},
  "anthropic-messages": { service_tier: ["auto", "standard_only"], speed: ["standard"], inference_geo: ["global", "not_available"], fallbacks: [] },
  gemini: { serviceTier: ["standard", "unspecified", "service_tier_standard", "service_tier_unspecified"], service_tier: ["standard", "unspecified", "service_tier_standard", "service_tier_unspecified"] },
  "openai-speech": {},
  "openai-transcriptions": {},
  "openai-images": {},
});
/** No allowed value is longer; a longer one need not be read. */
const VALUE_BYTES_MAX = 100;

/** Google's searches of other sources, which only Vertex AI has, at prices of their own (`Tool` of `@google/genai`). */
const UNPRICED_TOOLS: ReadonlySet<string> = new Set(["enterpriseWebSearch", "enterprise_web_search", "parallelAiSearch", "parallel_ai_search", "exaAiSearch", "exa_ai_search"]);

function refuseTools(scan: JsonScan): void {
  const tools = scan.member("tools") && scan.type("tools") === "array" ? scan.value("tools") : [];
  for (const [index, tool] of (tools as unknown[]).entries())
    for (const name of Object.keys(objectOf(tool)))
      if (UNPRICED_TOOLS.has(name)) throw new GatewayError("invalidRequest", { publicText: `The tool "${name}" has no price here, so it is refused; "googleSearch" has one.`, param: `tools[${index}].${name}` });
}

/** Throws GatewayError invalidRequest for a member that chooses a price we do not have. No endpoint that takes forms has such a field. */
export function refuseUnpriced(scan: BodyScan, dialect: DialectId): void {
  if (!(scan instanceof JsonScan)) return;
  const rules = ORDINARY[dialect];
  if (dialect === "gemini") refuseTools(scan);
  for (const name in rules) {
    if (!scan.member(name)) continue;
    const ordinary = rules[name] ?? [];
    for (const { start, end } of scan.all(name))
      if (!isOrdinary(scan, start, end, ordinary))
        throw new GatewayError("invalidRequest", {
          publicText: `"${name}" may only be ${[...ordinary.map((value) => `"${value}"`), "left out"].join(" or ")} here: other values have a price of their own.`,
          param: name,
        });
  }
}

function isOrdinary(scan: JsonScan, start: number, end: number, ordinary: readonly string[]): boolean {
  if (end - start > VALUE_BYTES_MAX) return false;
  const text = scan.bytes.toString("utf8", start, end);
  if (text === "null" || /^\[\s*\]$/.test(text)) return true;
  if (!text.startsWith('"')) return false;
  try {
    return ordinary.includes(String(JSON.parse(text)).toLowerCase());
  } catch {
    return false;
  }
}
