import type { AnswerContext, EncodedRequest } from "../canonical/codec.ts";
import type { EmbeddingInput, EmbeddingsCodec, EmbeddingsRequest, EmbeddingsResponse } from "../canonical/embeddings.ts";
import { objectOf } from "../canonical/fields.ts";
import { decodeFloat32, encodeFloat32 } from "../canonical/float32-base64.ts";
import { promptTokens } from "../canonical/usage.ts";
import { defined, fault, listAt, missing, required, textAt, wholeAt, wordAt } from "../canonical/wire-fields.ts";
import { readEmbeddingsUsage } from "./usage.ts";

type Json = Record<string, unknown>;

/** OpenAI's bound of a list (SDK, EmbeddingCreateParams.input). */
const INPUTS_MAX = 2_048;
const READ = new Set(["model", "input", "dimensions", "encoding_format", "user"]);

/** OpenAI embeddings to and from the canonical form. */
export const openaiEmbeddingsCodec: EmbeddingsCodec = {
  decodeRequest(body: Json, address: { model?: string }): EmbeddingsRequest {
    return defined<EmbeddingsRequest>({
      model: required(address.model ?? textAt(body["model"], "model"), "model"),
      inputs: inputsOf(body["input"]),
      at: (index) => (Array.isArray(body["input"]) && typeof body["input"][0] !== "number" ? `input[${index}]` : "input"),
      dimensions: wholeAt(body["dimensions"], "dimensions", 1, Number.MAX_SAFE_INTEGER),
      tasks: undefined,
      titles: undefined,
      form: wordAt(body["encoding_format"], "encoding_format", ["float", "base64"]) ?? "float",
      user: textAt(body["user"], "user"),
      unknown: Object.keys(body).filter((name) => !READ.has(name) && !missing(body[name])),
    });
  },

  encodeRequest(request: EmbeddingsRequest, { model }: { model: string }): EncodedRequest {
    const dropped = [...request.unknown];
    if (request.tasks?.some((task) => task !== undefined)) dropped.push("taskType");
    if (request.titles?.some((title) => title !== undefined)) dropped.push("title");
    const [first] = request.inputs;
    return {
      body: defined<Json>({
        model,
        input: request.inputs.length === 1 ? first : request.inputs,
        dimensions: request.dimensions,
        encoding_format: "float",
        user: request.user,
      }),
      dropped,
    };
  },

  decodeResponse(body: Json): EmbeddingsResponse {
    if (!Array.isArray(body["data"])) throw new Error("the answer has no data");
    const items = body["data"].map(objectOf);
    const inOrder = items.every((item) => Number.isSafeInteger(item["index"])) ? items.toSorted((a, b) => Number(a["index"]) - Number(b["index"])) : items;
    return { vectors: inOrder.map((item) => vectorOf(item["embedding"])), usage: readEmbeddingsUsage(objectOf(body["usage"])) };
  },

  encodeResponse({ vectors }: EmbeddingsResponse, { model, request, usage }: AnswerContext<EmbeddingsRequest>): Json {
    const tokens = promptTokens(usage ?? {});
    return {
      object: "list",
      data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: request.form === "base64" ? encodeFloat32(vector) : vector })),
      model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    };
  },
};

/** A text, a list of texts, token ids, or lists of them. */
function inputsOf(value: unknown): EmbeddingInput[] {
  if (typeof value === "string") return [nonEmpty(value, "input")];
  const list = required(listAt(value, "input"), "input");
  if (list.length === 0) throw fault("input", '"input" is empty.');
  if (typeof list[0] === "number") return [idsOf(list, "input")];
  if (list.length > INPUTS_MAX) throw fault("input", `"input" may have ${INPUTS_MAX} entries at most.`);
  return list.map((item, index) => {
    const at = `input[${index}]`;
    if (typeof item === "string") return nonEmpty(item, at);
    if (Array.isArray(item) && item.length > 0) return idsOf(item, at);
    throw fault(at, `"${at}" must be a text or token ids.`);
  });
}

function nonEmpty(text: string, at: string): string {
  if (text === "") throw fault(at, `"${at}" is empty.`);
  return text;
}

function idsOf(list: unknown[], at: string): number[] {
  return list.map((id) => {
    if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 0) throw fault(at, `"${at}" holds something that is no token id.`);
    return id;
  });
}

function vectorOf(value: unknown): number[] {
  const vector = typeof value === "string" ? decodeFloat32(value) : value;
  if (!Array.isArray(vector) || vector.length === 0 || !vector.every((item): item is number => typeof item === "number")) throw new Error("an embedding is no vector");
  return vector;
}
