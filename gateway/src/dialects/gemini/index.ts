import type { AnswerAbout, AnswerFacts, CallFacts, Dialect, Endpoint, PreparedRequest } from "../canonical/dialect.ts";
import { eachString } from "../canonical/event-text.ts";
import { countOf, limitChoices, objectOf, refuseTwice, requireList, textOf } from "../canonical/fields.ts";
import { SEAL_MARK_BASE64 } from "../canonical/foreign-seal.ts";
import { applyEdits, type JsonEdit, type JsonScan, tryScanJson } from "../canonical/json-scan.ts";
import { renderGeminiError, renderGeminiStreamError } from "../canonical/gemini-error.ts";
import { estimatePromptTokens, TokenEstimate } from "../canonical/token-estimate.ts";
import { completionTokens } from "../canonical/usage.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { GeminiMeter } from "./meter.ts";
import { withoutForeignSeals } from "./seals.ts";
import { GROUNDED, Searches } from "./searches.ts";
import { readGeminiUsage } from "./usage.ts";
import { NO_TEXT } from "./finish.ts";

/** Gemini generateContent: https://ai.google.dev/api/generate-content (types of `@google/genai`). The model stands in the address. */
export const gemini: Dialect = {
  id: "gemini",
  endsByClosing: true,

  readRequest(scan: JsonScan, endpoint: Endpoint): CallFacts {
    if (!endpoint.model) throw new GatewayError("missingModel", { param: "model" });
    if (endpoint.billable || (scan.member("generateContentRequest") ?? scan.member("generate_content_request")) === undefined) requireList(scan, "contents");
    for (const name of ["generationConfig", "generation_config"]) refuseTwice(scan, name);
    const config = objectOf(scan.value("generationConfig") ?? scan.value("generation_config"));
    return {
      model: endpoint.model,
      stream: endpoint.stream ?? false,
      promptTokens: estimatePromptTokens(scan),
      maxOutputTokens: countOf(config["maxOutputTokens"] ?? config["max_output_tokens"], "generationConfig.maxOutputTokens"),
      choices: limitChoices(countOf(config["candidateCount"] ?? config["candidate_count"], "generationConfig.candidateCount"), "candidateCount"),
    };
  },

  prepare(scan: JsonScan, endpoint: Endpoint, upstreamModel: string): PreparedRequest {
    // A model named in the body as well (SDKs do for token counting) must not contradict the address.
    const model = scan.member("model");
    const edits: JsonEdit[] = model && upstreamModel !== endpoint.model ? [{ start: model.start, end: model.end, text: JSON.stringify(`models/${upstreamModel}`) }] : [];
    const contents = scan.member("contents");
    // A conversation that began with another vendor's model holds its seals, which Gemini refuses; everything else passes byte for byte.
    if (contents && scan.bytes.includes(`"${SEAL_MARK_BASE64}`, contents.start)) {
      const kept = withoutForeignSeals(scan.value("contents"));
      if (kept) edits.push({ start: contents.start, end: contents.end, text: JSON.stringify(kept) });
    }
    return { body: edits.length > 0 ? applyEdits(scan.bytes, edits) : scan.bytes, hideUsage: false };
  },

  readAnswer(body: Buffer, about?: AnswerAbout): AnswerFacts {
    const scan = tryScanJson(body);
    if (!scan) return { usage: undefined, deliveredTokens: 0, error: "the answer is no JSON object" };
    const failure = scan.value("error");
    if (failure !== undefined && failure !== null)
      return { usage: readGeminiUsage(scan.value("usageMetadata"))?.usage, deliveredTokens: 0, error: textOf(objectOf(failure)["message"], "an error inside a 200 answer") };
    const report = readGeminiUsage(scan.value("usageMetadata"));
    const estimate = new TokenEstimate();
    const candidates = scan.member("candidates");
    if (candidates && !(report && completionTokens(report.usage) > 0)) {
      const text = body.toString("latin1", candidates.start, candidates.end);
      for (const member of ['"text"', '"args"', '"code"']) eachString(text, member, (from, to) => estimate.add(text, from, to));
    }
    if (report && estimate.tokens === 0) {
      const searches = new Searches();
      if (candidates && GROUNDED.test(body.toString("latin1", candidates.start, candidates.end))) searches.add(scan.value("candidates"));
      return { ...report, usage: { ...report.usage, ...searches.billed(about?.facts.model ?? "") }, deliveredTokens: 0 };
    }
    return { usage: undefined, deliveredTokens: estimate.tokens };
  },

  conflicts: (scan, traits) => traits.has("flat-count") && (scan.member("generateContentRequest") ?? scan.member("generate_content_request")) !== undefined,

  meter: (_framing, facts) => new GeminiMeter(facts?.model ?? ""),

  renderError: renderGeminiError,
  renderStreamError: renderGeminiStreamError,
  // As the encoder's `ping`: some of Google's clients take a comment for data, another loses the stream after empty lines.
  keepAlive: (framing) => (framing === "sse" ? `data: ${JSON.stringify({ candidates: [NO_TEXT] })}\n\n` : "\n"),
};
