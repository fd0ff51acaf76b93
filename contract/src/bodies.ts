import { z } from "zod";

/**
 * Bodies of the public endpoints, by their vendors' documents. All are open: a member that does not stand here goes on to the vendor, and its answer comes back as it is.
 */
const text = z.string();
const flag = z.boolean();
const model = text.describe("a name of GET /v1/models");
const stream = flag.optional().describe("the answer as events");
const file = z.string().meta({ format: "binary" });
const anything = z.unknown();
const tokens = z.int().optional();
const open = z.looseObject({});
const count = z.int().min(1).optional();
const messages = z.array(z.looseObject({ role: text, content: anything.optional() }));
const openAiUsage = z.looseObject({ prompt_tokens: z.int(), total_tokens: z.int() }).optional();

export const chat = {
  body: z.looseObject({ model, messages, stream, max_completion_tokens: count, temperature: z.number().optional(), tools: z.array(open).optional(), tool_choice: anything.optional(), response_format: open.optional() }),
  answer: z.looseObject({ id: text, object: z.literal("chat.completion"), created: z.int(), model: text, choices: z.array(z.looseObject({ index: z.int(), message: open, finish_reason: text.nullish() })), usage: openAiUsage }),
};
export const completions = {
  body: z.looseObject({ model, prompt: anything.describe("one text; a list of them only for models of plain prompts"), stream, max_tokens: count }),
  answer: z.looseObject({ id: text, object: z.literal("text_completion"), choices: z.array(z.looseObject({ index: z.int(), text, finish_reason: text.nullish() })), usage: openAiUsage }),
};
export const responses = {
  body: z.looseObject({ model, input: anything.optional().describe("a text, or a list of items"), instructions: text.nullish(), stream, max_output_tokens: z.int().nullish(), tools: z.array(open).optional(), store: flag.nullish().describe("kept unless false"), previous_response_id: text.nullish() }),
  answer: z.looseObject({ id: text, object: z.literal("response"), status: text.optional(), model: text, output: z.array(z.looseObject({ type: text })), usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int(), total_tokens: z.int() }).nullish() }),
};
export const inputTokens = { body: z.looseObject({ model, input: anything.optional() }), answer: z.looseObject({ object: z.literal("response.input_tokens"), input_tokens: z.int() }) };
export const responseItems = z.looseObject({ object: z.literal("list"), data: z.array(z.looseObject({ type: text })), first_id: text.nullish(), last_id: text.nullish(), has_more: flag });
export const responseDeleted = z.looseObject({ id: text, deleted: z.literal(true) });
export const embeddings = {
  body: z.looseObject({ model, input: anything.describe("a text or a list; token ids for OpenAI's models"), encoding_format: z.enum(["float", "base64"]).optional(), dimensions: count }),
  answer: z.looseObject({ object: z.literal("list"), model: text, data: z.array(z.looseObject({ object: z.literal("embedding"), index: z.int(), embedding: z.union([z.array(z.number()), text]).describe("numbers, or base64 of little-endian float32") })), usage: openAiUsage }),
};
export const engineEmbeddings = { body: embeddings.body.extend({ model: model.optional() }), answer: embeddings.answer };
export const moderations = {
  body: z.looseObject({ model: model.optional().describe("omni-moderation-latest if left out"), input: anything.describe("a text, a list of texts, or parts") }),
  answer: z.looseObject({ id: text, model: text, results: z.array(z.looseObject({ flagged: flag, categories: z.record(z.string(), flag.nullable()), category_scores: z.record(z.string(), z.number()) })) }),
};
export const rerank = {
  body: z.looseObject({ model, query: anything, documents: z.array(anything), top_n: count, return_documents: flag.optional() }),
  answer: z.looseObject({ results: z.array(z.looseObject({ index: z.int(), relevance_score: z.number() })) }),
};
export const speech = { body: z.looseObject({ model, input: text, voice: anything.describe("a name of OpenAI's or of the vendor's"), instructions: text.optional(), response_format: z.enum(["mp3", "opus", "aac", "flac", "wav", "pcm"]).optional(), speed: z.number().optional(), stream_format: z.enum(["audio", "sse"]).optional() }) };
const heard = { file, model, prompt: text.optional(), response_format: z.enum(["json", "text", "srt", "vtt", "verbose_json", "diarized_json"]).optional(), temperature: z.number().optional() };
export const transcriptions = { body: z.looseObject({ ...heard, language: text.optional(), stream }), answer: z.looseObject({ text }) };
export const translations = { body: z.looseObject(heard), answer: z.looseObject({ text }) };
const drawn = {
  model: model.optional().describe("gpt-image-1 if left out"),
  prompt: text,
  n: z.int().min(1).max(128).optional(),
  size: text.optional().describe('"auto", or a width and height such as "1024x1024"'),
  quality: text.optional(),
  response_format: z.enum(["url", "b64_json"]).optional(),
  stream,
};
export const images = {
  body: z.looseObject({ ...drawn, style: text.optional() }),
  answer: z.looseObject({
    created: z.int(),
    data: z.array(z.looseObject({ url: text.optional(), expires_at: z.int().optional().describe("Unix seconds after which a kept picture may be gone"), b64_json: text.optional(), revised_prompt: text.optional() })),
    usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int(), total_tokens: z.int() }).optional(),
  }),
};
export const imageEdits = {
  form: z.looseObject({ ...drawn, image: z.union([file, z.array(file)]).describe("once, repeated, or as image[]"), mask: file.optional() }),
  body: z.looseObject({ ...drawn, images: z.array(z.looseObject({ image_url: text.optional(), file_id: text.optional() })).optional() }),
  answer: images.answer,
};
export const anthropicMessages = {
  body: z.looseObject({ model, max_tokens: z.int().min(1), messages, system: anything.optional(), stream, tools: z.array(open).optional() }),
  answer: z.looseObject({ id: text, type: z.literal("message"), role: z.literal("assistant"), model: text, content: z.array(z.looseObject({ type: text })), stop_reason: text.nullish(), usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int() }) }),
};
export const countTokens = { body: z.looseObject({ model, messages, system: anything.optional(), tools: z.array(open).optional() }), answer: z.looseObject({ input_tokens: z.int() }) };
const contents = z.array(z.looseObject({ role: text.optional(), parts: z.array(open) }));
const generated = z.looseObject({ candidates: z.array(open).optional(), usageMetadata: z.looseObject({ promptTokenCount: tokens, candidatesTokenCount: tokens, totalTokenCount: tokens }).optional(), modelVersion: text.optional() });
const vector = z.looseObject({ values: z.array(z.number()) });
/** Gemini's, by the verb at the end of the address. */
export const gemini = {
  generateContent: { body: z.looseObject({ contents, systemInstruction: open.optional(), tools: z.array(open).optional(), generationConfig: open.optional() }), answer: generated },
  streamGenerateContent: { body: z.looseObject({ contents, generationConfig: open.optional() }), answer: z.array(generated).describe("a JSON list, or events with ?alt=sse") },
  countTokens: { body: z.looseObject({ contents: contents.optional(), generateContentRequest: open.optional() }), answer: z.looseObject({ totalTokens: z.int() }) },
  embedContent: { body: z.looseObject({ content: open, outputDimensionality: count }), answer: z.looseObject({ embedding: vector }) },
  batchEmbedContents: { body: z.looseObject({ requests: z.array(z.looseObject({ model: text, content: open })) }), answer: z.looseObject({ embeddings: z.array(vector) }) },
};
