import type { AnswerContext, EncodedRequest } from "../canonical/codec.ts";
import type { EmbeddingsCodec, EmbeddingsRequest, EmbeddingsResponse } from "../canonical/embeddings.ts";
import { objectOf } from "../canonical/fields.ts";
import { defined, fault, listAt, missing, objectAt, required, textAt, wholeAt } from "../canonical/wire-fields.ts";
import { readEmbeddingUsage } from "./usage.ts";

type Json = Record<string, unknown>;

/** Most requests in a batch (https://ai.google.dev/api/embeddings). */
const BATCH_MAX = 100;
const READ = new Set(["model", "content", "taskType", "task_type", "title", "outputDimensionality", "output_dimensionality"]);

/** Gemini's embeddings to and from the canonical form. As an upstream it is always asked for a batch, which answers one input as well. */
export const geminiEmbeddingsCodec: EmbeddingsCodec = {
  decodeRequest(body: Json, address: { model?: string }): EmbeddingsRequest {
    const single = missing(body["requests"]);
    const requests = single ? [body] : required(listAt(body["requests"], "requests", BATCH_MAX), "requests");
    if (requests.length === 0) throw fault("requests", '"requests" is empty.');
    const prefix = (index: number): string => (single ? "" : `requests[${index}].`);
    const read = requests.map((item, index) => requestOf(single ? body : required(objectAt(item, `requests[${index}]`), `requests[${index}]`), prefix(index)));
    const [first] = read;
    const other = read.findIndex((one) => one.dimensions !== first?.dimensions);
    if (other > 0) throw fault(`${prefix(other)}outputDimensionality`, `"${prefix(other)}outputDimensionality" must be the same in all requests for this model.`);
    return defined<EmbeddingsRequest>({
      model: required(address.model, "model"),
      inputs: read.map((one) => one.text),
      at: (index) => `${prefix(index)}content`,
      dimensions: first?.dimensions,
      tasks: read.map((one) => one.task),
      titles: read.map((one) => one.title),
      form: single ? "single" : "batch",
      user: undefined,
      unknown: [...new Set(read.flatMap((one) => one.unknown))],
    });
  },

  encodeRequest(request: EmbeddingsRequest, { model }: { model: string }): EncodedRequest {
    const { inputs, at, tasks, titles, dimensions } = request;
    const dropped = [...request.unknown];
    if (request.user !== undefined) dropped.push("user");
    if (inputs.length > BATCH_MAX) throw fault("input", `"input" may have ${BATCH_MAX} entries at most for this model.`);
    const requests = inputs.map((input, index) => {
      if (typeof input !== "string") throw fault(at(index), `"${at(index)}" holds token ids, which this model's vendor cannot read: send text.`);
      return defined<Json>({ model: `models/${model}`, content: { parts: [{ text: input }] }, taskType: tasks?.[index], title: titles?.[index], outputDimensionality: dimensions });
    });
    return { body: { requests }, dropped };
  },

  decodeResponse(body: Json): EmbeddingsResponse {
    const listed = body["embeddings"] ?? (body["embedding"] === undefined ? undefined : [body["embedding"]]);
    if (!Array.isArray(listed)) throw new Error("the answer has no embeddings");
    return { vectors: listed.map((item) => vectorOf(objectOf(item)["values"])), usage: readEmbeddingUsage(objectOf(body["usageMetadata"])) };
  },

  encodeResponse({ vectors, usage }: EmbeddingsResponse, { request }: AnswerContext<EmbeddingsRequest>): Json {
    const embeddings = vectors.map((values) => ({ values }));
    const tokens = usage?.input;
    return {
      ...(request.form === "single" ? { embedding: embeddings[0] } : { embeddings }),
      ...(tokens === undefined ? {} : { usageMetadata: { promptTokenCount: tokens, promptTokenDetails: [{ modality: "TEXT", tokenCount: tokens }] } }),
    };
  },
};

interface OneRequest {
  text: string;
  task: string | undefined;
  title: string | undefined;
  dimensions: number | undefined;
  unknown: string[];
}

/** Google's JSON takes both spellings of a member (proto3 JSON mapping). */
function requestOf(body: Json, prefix: string): OneRequest {
  const content = required(objectAt(body["content"], `${prefix}content`), `${prefix}content`);
  return {
    text: textOfContent(content, `${prefix}content`),
    task: textAt(body["taskType"] ?? body["task_type"], `${prefix}taskType`),
    title: textAt(body["title"], `${prefix}title`),
    dimensions: wholeAt(body["outputDimensionality"] ?? body["output_dimensionality"], `${prefix}outputDimensionality`, 1, Number.MAX_SAFE_INTEGER),
    unknown: Object.keys(body).filter((name) => !READ.has(name) && !missing(body[name])),
  };
}

function textOfContent(content: Json, at: string): string {
  const parts = required(listAt(content["parts"], `${at}.parts`), `${at}.parts`);
  const texts = parts.map((part, index) => {
    const text = objectOf(part)["text"];
    if (typeof text !== "string") throw fault(`${at}.parts[${index}]`, `"${at}.parts[${index}]" must be a text: this model embeds nothing else.`);
    return text;
  });
  const text = texts.join("\n");
  if (text === "") throw fault(`${at}.parts`, `"${at}.parts" is empty.`);
  return text;
}

function vectorOf(value: unknown): number[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every((item): item is number => typeof item === "number")) throw new Error("an embedding is no vector");
  return value;
}
