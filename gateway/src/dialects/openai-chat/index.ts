import { conflictsWith } from "./conflicts.ts";
import { parseShallow } from "../canonical/depth.ts";
import type { AnswerAbout, AnswerFacts, CallFacts, Dialect, Endpoint, PreparedRequest } from "../canonical/dialect.ts";
import { eachString } from "../canonical/event-text.ts";
import { limitChoices, objectOf, readCount, readFlag, readModel, refuseTwice, requireList, textOf, wrongType } from "../canonical/fields.ts";
import { applyEdits, type JsonEdit, type JsonScan, tryScanJson } from "../canonical/json-scan.ts";
import { renderOpenAIError, renderOpenAIStreamError } from "../canonical/openai-error.ts";
import { OpenAIMeter, withSearches } from "../canonical/openai-meter.ts";
import { readOpenAIUsage } from "../canonical/openai-usage.ts";
import { streamUsageEdit } from "../canonical/stream-usage-edit.ts";
import { estimatePromptTokens, TokenEstimate } from "../canonical/token-estimate.ts";
import { completionTokens } from "../canonical/usage.ts";

/** Members of a chunk whose text the model produced. */
const TEXT_MEMBERS = ['"content"', '"arguments"', '"reasoning_content"', '"reasoning"', '"refusal"'];

/** OpenAI chat completions: https://platform.openai.com/docs/api-reference/chat (types of the `openai` SDK). */
export const openaiChat: Dialect = {
  id: "openai-chat",
  endsByClosing: false,

  readRequest(scan: JsonScan): CallFacts {
    const model = readModel(scan);
    requireList(scan, "messages");
    refuseTwice(scan, "n");
    const options = scan.type("stream_options");
    if (options !== undefined && options !== "null" && options !== "object") throw wrongType("stream_options", "an object");
    return {
      model,
      stream: readFlag(scan, "stream"),
      promptTokens: estimatePromptTokens(scan),
      maxOutputTokens: readCount(scan, "max_completion_tokens") ?? readCount(scan, "max_tokens"),
      choices: limitChoices(readCount(scan, "n"), "n"),
    };
  },

  prepare(scan: JsonScan, _endpoint: Endpoint, upstreamModel: string, traits?: ReadonlySet<string>): PreparedRequest {
    const edits: JsonEdit[] = [];
    const model = scan.member("model");
    if (model && scan.value("model") !== upstreamModel) edits.push({ start: model.start, end: model.end, text: JSON.stringify(upstreamModel) });
    // A vendor that refuses the member reports usage without it.
    const asks = traits?.has("no-stream-options") ? undefined : streamUsageEdit(scan);
    if (asks) edits.push(asks);
    return { body: applyEdits(scan.bytes, edits), hideUsage: asks !== undefined };
  },

  conflicts: conflictsWith,

  readAnswer(body: Buffer, about?: AnswerAbout): AnswerFacts {
    const answer = readWholeAnswer(body);
    return answer.usage ? { ...answer, usage: withSearches(answer.usage, searchesOf(about?.facts.model)) } : answer;
  },

  meter: (_framing, facts) => new OpenAIMeter(TEXT_MEMBERS, searchesOf(facts?.model)),

  renderError: renderOpenAIError,
  renderStreamError: renderOpenAIStreamError,
  keepAlive: () => ": keep-alive\n\n",
};

/** OpenAI's search models look something up for every answer, and are paid for it by the call without a word in `usage` (pricing page, "Web search"). */
const searchesOf = (model: string | undefined): number => (model !== undefined && /^gpt-.*-search-(preview|api)/.test(model) ? 1 : 0);

function readWholeAnswer(body: Buffer): AnswerFacts {
  const quick = body.length <= PARSED_BYTES_MAX ? readSmallAnswer(body) : undefined;
  if (quick) return quick;
  const scan = tryScanJson(body);
  if (!scan) return { usage: undefined, deliveredTokens: 0, error: "the answer is no JSON object" };
  const failure = scan.value("error");
  if (failure !== undefined && failure !== null && scan.member("choices") === undefined)
    return { usage: readOpenAIUsage(scan.value("usage"))?.usage, deliveredTokens: 0, error: textOf(objectOf(failure)["message"], "an error inside a 200 answer") };
  const estimate = new TokenEstimate();
  const choices = scan.member("choices");
  const report = readOpenAIUsage(scan.value("usage"));
  if (report && completionTokens(report.usage) > 0) return { ...report, deliveredTokens: 0 };
  if (choices) {
    const text = body.toString("latin1", choices.start, choices.end);
    for (const member of ['"content"', '"arguments"', '"reasoning_content"', '"refusal"']) eachString(text, member, (from, to) => estimate.add(text, from, to));
  }
  if (report && estimate.tokens === 0) return { ...report, deliveredTokens: 0 };
  return { usage: undefined, deliveredTokens: estimate.tokens };
}

/** Answers up to this are parsed whole, which costs less than looking for members; a larger one (embedded media) is never built as objects. */
const PARSED_BYTES_MAX = 64 * 1024;

/** A small answer with everything in order; undefined where a closer look is needed. */
function readSmallAnswer(body: Buffer): AnswerFacts | undefined {
  const answer = objectOf(parseShallow(body.toString("utf8")));
  if (answer["error"] !== undefined || answer["choices"] === undefined) return undefined;
  const report = readOpenAIUsage(answer["usage"]);
  return report && completionTokens(report.usage) > 0 ? { ...report, deliveredTokens: 0, parsed: answer } : undefined;
}
