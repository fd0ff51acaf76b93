import { objectOf, textOf } from "../canonical/fields.ts";
import type { Citation, Part, TextPart } from "../canonical/parts.ts";
import type { CanonicalResponse, Choice } from "../canonical/response.ts";
import { AnswerIds, type Piece, readPieces } from "./answer-piece.ts";
import { readBlock, readFinish } from "./finish.ts";
import { readGrounding, type TextTrack } from "./grounding-read.ts";
import { readLogprobs } from "./logprobs.ts";
import { TextOffsets } from "./text-offsets.ts";
import { readGeminiUsage } from "./usage.ts";
import { tierOfTraffic } from "./usage-metadata.ts";

type Words = Record<string, unknown>;

/** Candidates read from one answer; the API makes 8 at most. */
export const CANDIDATES_MAX = 128;

/** A whole answer (SDK type GenerateContentResponse). Never throws; a prompt that was blocked is one choice without parts that ends as "content-filter". */
export function decodeResponse(body: Words): CanonicalResponse {
  const id = textOf(body["responseId"], "");
  const response: CanonicalResponse = { id, model: textOf(body["modelVersion"], ""), choices: [], usage: undefined };
  const candidates = Array.isArray(body["candidates"]) ? body["candidates"].slice(0, CANDIDATES_MAX) : [];
  let searches = 0;
  for (const [at, value] of candidates.entries()) {
    const candidate = objectOf(value);
    const read = readCandidate(candidate, indexOf(candidate, at), id);
    searches += read.searches;
    response.choices.push(read.choice);
  }
  const blocked = objectOf(body["promptFeedback"])["blockReason"];
  if (response.choices.length === 0 && typeof blocked === "string") {
    const { reason, detail } = readBlock(blocked);
    response.choices.push({ index: 0, parts: [], finish: reason, ...(detail === undefined ? {} : { finishDetail: detail }) });
  }
  const report = readGeminiUsage(body["usageMetadata"]);
  if (report) response.usage = searches > 0 ? { ...report.usage, webSearch: searches } : report.usage;
  if (report?.anomaly !== undefined) response.anomaly = report.anomaly;
  const tier = tierOfTraffic(objectOf(body["usageMetadata"])["trafficType"]);
  if (tier !== undefined) response.serviceTier = tier;
  return response;
}

export function indexOf(candidate: Words, position: number): number {
  const index = candidate["index"];
  return typeof index === "number" && Number.isInteger(index) && index >= 0 && index < CANDIDATES_MAX ? index : position;
}

function readCandidate(candidate: Words, index: number, responseId: string): { choice: Choice; searches: number } {
  const ids = new AnswerIds();
  ids.responseId = responseId;
  const parts: Part[] = [];
  const texts: TextPart[] = [];
  const tracks: TextTrack[] = [];
  const wire = objectOf(candidate["content"])["parts"];
  for (const [at, value] of (Array.isArray(wire) ? wire : []).entries())
    for (const piece of readPieces(value, ids)) {
      const part = partOf(piece);
      parts.push(part);
      if (part.type !== "text") continue;
      const offsets = new TextOffsets();
      offsets.add(part.text);
      texts.push(part);
      tracks.push({ wire: at, offsets });
    }
  const grounding = readGrounding(candidate, tracks, ids);
  for (const { track, citation } of grounding.citations) cite(texts[track], citation);
  const called = parts.some((part) => part.type === "tool-call");
  const { reason, detail } = readFinish(candidate["finishReason"], called);
  const choice: Choice = { index, parts: [...parts, ...grounding.hosted], finish: reason };
  if (detail !== undefined) choice.finishDetail = detail;
  const logprobs = readLogprobs(candidate["logprobsResult"]);
  if (logprobs) choice.logprobs = logprobs;
  return { choice, searches: grounding.searches };
}

function partOf(piece: Piece): Part {
  switch (piece.kind) {
    case "text":
      return { type: "text", text: piece.text };
    case "audio": {
      const { mediaType, data, transcript } = piece;
      return { type: "audio", source: { kind: "base64", mediaType, data }, ...(transcript === undefined ? {} : { transcript }) };
    }
    default:
      return piece.part;
  }
}

function cite(part: TextPart | undefined, citation: Citation): void {
  if (part) (part.citations ??= []).push(citation);
}
