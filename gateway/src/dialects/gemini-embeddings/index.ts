import { answerFault, lastObject } from "../canonical/answer-tail.ts";
import type { AnswerFacts, CallFacts, Dialect, Endpoint, PreparedRequest } from "../canonical/dialect.ts";
import { eachString } from "../canonical/event-text.ts";
import { refuseTwice, requireList } from "../canonical/fields.ts";
import { renderGeminiError, renderGeminiStreamError } from "../canonical/gemini-error.ts";
import { applyEdits, type JsonEdit, type JsonScan } from "../canonical/json-scan.ts";
import { estimatePromptTokens } from "../canonical/token-estimate.ts";
import { entriesAtMost } from "../canonical/token-ids.ts";
import { fault } from "../canonical/wire-fields.ts";
import { WHOLE_ONLY } from "../canonical/whole-only.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { readEmbeddingUsage } from "./usage.ts";

/** Gemini `:embedContent` and `:batchEmbedContents`: https://ai.google.dev/api/embeddings. The model stands in the address, and once more in every request of a batch. */
export const geminiEmbeddings: Dialect = {
  ...WHOLE_ONLY,
  id: "gemini-embeddings",

  readRequest(scan: JsonScan, endpoint: Endpoint): CallFacts {
    const { model } = endpoint;
    if (!model) throw new GatewayError("missingModel", { param: "model" });
    if (endpoint.name === "batchEmbedContents") {
      refuseTwice(scan, "requests");
      requireList(scan, "requests");
    } else {
      refuseTwice(scan, "content");
      const type = scan.type("content");
      if (type === undefined) throw fault("content", '"content" is missing.');
      if (type !== "object") throw fault("content", '"content" must be an object.');
    }
    for (const { name } of namedModels(scan))
      if (name !== model && name !== `models/${model}`) throw fault("model", `The body names the model "${name.slice(0, 100)}", the address "${model.slice(0, 100)}".`);
    return { model, stream: false, promptTokens: estimatePromptTokens(scan), maxOutputTokens: undefined, choices: 1, inputs: entriesAtMost(scan, "requests") };
  },

  prepare(scan: JsonScan, endpoint: Endpoint, upstreamModel: string): PreparedRequest {
    if (upstreamModel === endpoint.model) return { body: scan.bytes, hideUsage: false };
    const edits: JsonEdit[] = namedModels(scan).map(({ start, end }) => ({ start, end, text: JSON.stringify(`models/${upstreamModel}`) }));
    return { body: applyEdits(scan.bytes, edits), hideUsage: false };
  },

  readAnswer(body: Buffer): AnswerFacts {
    return answerFault(body, '"values"') ?? { usage: readEmbeddingUsage(lastObject(body, '"usageMetadata"')), deliveredTokens: 0 };
  },

  renderError: renderGeminiError,
  renderStreamError: renderGeminiStreamError,
};

/**
 * Every `model` the body names, with the bytes of its value (quotes included). Requests of a batch are looked through as text, since a batch may be megabytes;
 * inside a JSON string every quote is escaped, so that what is found is a member.
 */
function namedModels(scan: JsonScan): { name: string; start: number; end: number }[] {
  const found: { name: string; start: number; end: number }[] = [];
  for (const member of scan.members) {
    const name = scan.nameOf(member);
    if (name !== "model" && name !== "requests") continue;
    const offset = name === "model" ? member.keyStart : member.start;
    const text = scan.bytes.toString("latin1", offset, member.end);
    eachString(text, '"model"', (from, to) => found.push({ name: Buffer.from(text.slice(from, to), "latin1").toString("utf8"), start: offset + from - 1, end: offset + to + 1 }));
  }
  return found;
}
