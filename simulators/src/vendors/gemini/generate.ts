/** `:generateContent`, `:streamGenerateContent` and `:countTokens` (SDK: GenerateContentResponse, its usage metadata, CountTokensResponse). */
import { replyTo, type Reply } from "../../kit/brain.ts";
import { asObject, type JsonObject } from "../../kit/json.ts";
import { implicitlyCached } from "../../kit/prompt-cache.ts";
import type { Answer, Received } from "../../kit/vendor.ts";
import { faultOfGenerate } from "./check.ts";
import { GEMINI_HEADERS, geminiRefusal } from "./errors.ts";
import { finishReason, groundedIn, partsOf, wholeCalls, type GenerateAnswer } from "./generate-answer.ts";
import { generateMedia, mediumOf, streamMedia } from "./media.ts";
import { searchedFor } from "./grounding.ts";
import { embeds, modelExists, unknownModel } from "./models.ts";
import { readGenerate, type GenerateRequest } from "./read.ts";
import { generateFrames } from "./stream.ts";

const details = (understood: GenerateRequest): JsonObject[] =>
  [...understood.promptTokens]
    .filter(([, tokenCount]) => tokenCount > 0)
    .map(([modality, tokenCount]) => ({ modality, tokenCount }));

const promptTotal = (understood: GenerateRequest): number =>
  [...understood.promptTokens.values()].reduce((sum, count) => sum + count, 0);

/** Takes a request, the model and the API version; gives the number of tokens in `contents` or `generateContentRequest`. */
export function countContentTokens(request: Received, model: string, version: string): Answer {
  const outer = asObject(request.json);
  const body =
    outer["generateContentRequest"] === undefined ? outer : asObject(outer["generateContentRequest"]);
  const fault = request.json === undefined ? "Invalid JSON payload received." : faultOfGenerate(body);
  if (fault !== undefined) return geminiRefusal(400, fault);
  if (!modelExists(model)) return unknownModel(model, version);
  const understood = readGenerate(model, body);
  const counted = { totalTokens: promptTotal(understood), promptTokensDetails: details(understood) };
  return {
    kind: "whole",
    status: 200,
    headers: { ...GEMINI_HEADERS },
    body: `${JSON.stringify(counted, null, 2)}\n`,
    model,
  };
}

/** Usage that grows while a stream runs: a function of the tokens thought and the tokens said so far. */
function usageMeter(request: Received, understood: GenerateRequest): GenerateAnswer["usage"] {
  if (request.faults.has("no-usage")) return undefined;
  const owner = `gemini ${request.headers.get("x-goog-api-key") ?? request.query.get("key")} ${understood.conversation.model}`;
  const cached = implicitlyCached(request.cache, owner, understood.tokens, request.now);
  const zero = request.faults.has("usage-zero");
  const prompt = zero ? 0 : promptTotal(understood);
  return (thought, said) => ({
    promptTokenCount: prompt,
    ...(said > 0 || zero ? { candidatesTokenCount: zero ? 0 : said } : {}),
    totalTokenCount: zero ? 0 : prompt + thought + said,
    ...(cached > 0 && !zero
      ? { cachedContentTokenCount: cached, cacheTokensDetails: [{ modality: "TEXT", tokenCount: cached }] }
      : {}),
    promptTokensDetails: zero ? [] : details(understood),
    ...(thought > 0 && !zero ? { thoughtsTokenCount: thought } : {}),
  });
}

const saidIn = (reply: Reply): number =>
  reply.text.length + wholeCalls(reply).reduce((sum, call) => sum + call.pieces.length, 0);

/** Takes a request, the model, the API version and whether to stream; gives the answer. */
export function generateContent(request: Received, model: string, version: string, stream: boolean): Answer | Promise<Answer> {
  if (request.json === undefined)
    return geminiRefusal(400, "Invalid JSON payload received. Unexpected end of string.\n");
  const body = asObject(request.json);
  const fault = faultOfGenerate(body);
  if (fault !== undefined) return geminiRefusal(400, fault);
  if (!modelExists(model) || embeds(model)) return unknownModel(model, version);
  if (mediumOf(model) !== undefined) return stream ? streamMedia(request, model) : generateMedia(request, model);
  const understood = readGenerate(model, body);
  const replies = Array.from({ length: understood.candidates }, (_, index) =>
    replyTo(understood.conversation, index),
  );
  const answer: GenerateAnswer = {
    model,
    replies,
    responseId: request.ids.letters(22),
    callIds: replies.flatMap((reply) => reply.calls).map(() => request.ids.letters(8).toLowerCase()),
    signature: Buffer.from(`sandbox:${request.ids.letters(60)}`).toString("base64"),
    showThoughts: understood.showThoughts,
    search: searchedFor(body, understood.conversation),
    usage: usageMeter(request, understood),
  };
  if (stream) {
    const sse = request.query.get("alt") === "sse";
    const headers = {
      ...GEMINI_HEADERS,
      "content-type": sse ? "text/event-stream" : GEMINI_HEADERS["content-type"],
    };
    return { kind: "stream", headers, frames: generateFrames(answer, sse), model };
  }
  const thought = replies.reduce((sum, reply) => sum + reply.thinking.length, 0);
  const said = replies.reduce((sum, reply) => sum + saidIn(reply), 0);
  const usage = answer.usage?.(thought, said);
  const response = {
    candidates: replies.map((reply, index) => ({
      content: { parts: partsOf(answer, reply), role: "model" },
      finishReason: finishReason(reply),
      index,
      ...groundedIn(answer, reply),
    })),
    ...(usage ? { usageMetadata: usage } : {}),
    modelVersion: model,
    responseId: answer.responseId,
  };
  const text = `${JSON.stringify(response, null, 2)}\n`;
  return {
    kind: "whole",
    status: 200,
    headers: { ...GEMINI_HEADERS },
    body: text,
    model,
    tokens: said,
    ...(usage ? { usage } : {}),
  };
}
