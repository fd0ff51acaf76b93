import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../errors/gateway-error.ts";
import type { EmbeddingsRequest } from "./canonical/embeddings.ts";
import { decodeFloat32, encodeFloat32 } from "./canonical/float32-base64.ts";
import { scanJson } from "./canonical/json-scan.ts";
import { geminiEmbeddingsCodec as gemini } from "./gemini-embeddings/codec.ts";
import { geminiEmbeddings } from "./gemini-embeddings/index.ts";
import { openaiEmbeddingsCodec as openai } from "./openai-embeddings/codec.ts";
import { openaiEmbeddings } from "./openai-embeddings/index.ts";

const target = { model: "m", maxOutputTokens: 0, reasons: false, traits: new Set<string>() };
const text = fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" });
const vector = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 40 });
const vectors = fc.array(vector, { minLength: 1, maxLength: 5 });
const contextOf = (request: EmbeddingsRequest) => ({ id: "i", model: "m", nowSeconds: 1, request, usage: { input: 7 } });
const plain = (list: number[][]): number[][] => list.map((one) => one.map((value) => value + 0));

describe("float32 as base64", () => {
  test("there and back, bit for bit; the bytes are those of OpenAI's SDK (little-endian float32)", () => {
    fc.assert(
      fc.property(vector, (values) => {
        expect(decodeFloat32(encodeFloat32(values))).toEqual(values);
        expect(encodeFloat32(values)).toBe(Buffer.from(Float32Array.from(values).buffer).toString("base64"));
      }),
    );
  });

  test("what is no such text is none", () => {
    for (const bad of ["AAA=", "no base64!", "AACAfw==", "AADAfw=="]) expect(decodeFloat32(bad), bad).toBeUndefined();
    fc.assert(fc.property(fc.string(), (any) => void decodeFloat32(any)));
  });
});

describe("between OpenAI's and Google's form", () => {
  test("texts and dimensions arrive, in order", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 100 }), fc.option(fc.integer({ min: 1, max: 3_072 }), { nil: undefined }), (input, dimensions) => {
        const wire = { model: "m", input, ...(dimensions === undefined ? {} : { dimensions }) };
        const { body, dropped } = gemini.encodeRequest(openai.decodeRequest(wire, {}), target);
        expect(dropped).toEqual([]);
        const back = openai.encodeRequest(gemini.decodeRequest(body, { model: "m" }), target);
        expect(back).toEqual({ body: { model: "m", input: input.length === 1 ? input[0] : input, encoding_format: "float", ...(dimensions === undefined ? {} : { dimensions }) }, dropped: [] });
      }),
    );
  });

  test("vectors arrive, in order, as numbers and as base64", () => {
    fc.assert(
      fc.property(vectors, fc.constantFrom("float" as const, "base64" as const), (values, form) => {
        const batch = gemini.decodeRequest({ requests: values.map(() => ({ content: { parts: [{ text: "a" }] } })) }, { model: "m" });
        const google = gemini.encodeResponse({ vectors: values, usage: { input: 7 } }, contextOf(batch));
        const request = openai.decodeRequest({ model: "m", input: values.map(() => "a"), encoding_format: form }, {});
        const answer = openai.encodeResponse(gemini.decodeResponse(google), contextOf(request));
        expect(answer["usage"]).toEqual({ prompt_tokens: 7, total_tokens: 7 });
        const read = openai.decodeResponse(JSON.parse(JSON.stringify(answer)) as Record<string, unknown>);
        expect(plain(read.vectors)).toEqual(plain(values));
        expect(openaiEmbeddings.readAnswer(Buffer.from(JSON.stringify(answer)))).toEqual({ usage: { input: 7 }, deliveredTokens: 0 });
        expect(geminiEmbeddings.readAnswer(Buffer.from(`${JSON.stringify(google, null, 2)}\n`))).toEqual({ usage: { input: 7 }, deliveredTokens: 0 });
      }),
    );
  });

  test("OpenAI's `index` decides the order, not the place", () => {
    expect(openai.decodeResponse({ data: [{ index: 1, embedding: [2] }, { index: 0, embedding: [1] }] }).vectors).toEqual([[1], [2]]);
  });

  test("one content is answered with one embedding", () => {
    const request = gemini.decodeRequest({ content: { parts: [{ text: "a" }] }, task_type: "CLUSTERING", output_dimensionality: 3 }, { model: "m" });
    expect(request).toMatchObject({ dimensions: 3, tasks: ["CLUSTERING"] });
    expect(gemini.encodeResponse({ vectors: [[1, 2, 3]], usage: undefined }, contextOf(request))).toEqual({ embedding: { values: [1, 2, 3] } });
  });

  test("pictures, sound and pages are counted apart from text", () => {
    const body = { embeddings: [{ values: [1] }], usageMetadata: { promptTokenCount: 100, promptTokenDetails: [{ modality: "IMAGE", tokenCount: 50 }, { modality: "AUDIO", tokenCount: 20 }, { modality: "DOCUMENT", tokenCount: 10 }] } };
    expect(gemini.decodeResponse(body).usage).toEqual({ input: 20, inputAudio: 20, inputImage: 60 });
    expect(geminiEmbeddings.readAnswer(Buffer.from(JSON.stringify(body))).usage).toEqual({ input: 20, inputAudio: 20, inputImage: 60 });
  });
});

test("a mapped model is written at every place of a batch, and nothing else changes", () => {
  const body = `{"requests": [{"model":"models/a","content":{"parts":[{"text":"\\"model\\":\\"models/a\\""}]}}, {"model" : "models/a", "content":{"parts":[{"text":"é"}]}}]}`;
  const endpoint = { name: "batchEmbedContents", upstreamPath: "", model: "a", billable: true };
  const scan = scanJson(Buffer.from(body));
  expect(geminiEmbeddings.readRequest(scan, endpoint).model).toBe("a");
  expect(geminiEmbeddings.prepare(scan, endpoint, "b").body.toString()).toBe(body.replaceAll(/("model"\s*:\s*)"models\/a"/g, '$1"models/b"'));
  expect(geminiEmbeddings.prepare(scan, endpoint, "a").body).toBe(scan.bytes);
});

describe("whatever comes in", () => {
  const names = ["model", "input", "dimensions", "encoding_format", "user", "requests", "content", "outputDimensionality", "taskType", "title"];
  const content = fc.record({ parts: fc.oneof(fc.jsonValue(), fc.array(fc.record({ text: fc.oneof(text, fc.jsonValue()) }, { requiredKeys: [] }))) }, { requiredKeys: [] });
  const member = fc.oneof(fc.jsonValue(), text, fc.array(fc.jsonValue(), { maxLength: 4 }), content, fc.array(fc.record({ content, model: fc.jsonValue() }, { requiredKeys: [] })));
  const anything = fc.record(Object.fromEntries(names.map((name) => [name, member])), { requiredKeys: [] });
  const endpoints = ["embeddings", "embedContent", "batchEmbedContents"].map((name) => ({ name, upstreamPath: "", model: "m", billable: true }));

  test("a request is read or refused with a 400 that names the field", () => {
    fc.assert(
      fc.property(anything, (wire) => {
        const scan = scanJson(Buffer.from(JSON.stringify(wire)));
        const reads = [
          ...endpoints.map((endpoint) => () => (endpoint.name === "embeddings" ? openaiEmbeddings : geminiEmbeddings).readRequest(scan, endpoint)),
          () => gemini.encodeRequest(openai.decodeRequest(wire, {}), target),
          () => openai.encodeRequest(gemini.decodeRequest(wire, { model: "m" }), target),
        ];
        for (const read of reads)
          try {
            read();
          } catch (error) {
            if (!(error instanceof GatewayError) || ![400, 404].includes(error.kind.status) || error.param === null) throw error;
          }
      }),
      { numRuns: 500 },
    );
  });

  test("an answer of any kind is measured without a throw, and read or refused", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom("data", "embeddings", "embedding", "usage", "usageMetadata", "error"), (value, name) => {
        const wire = { data: [], values: [], [name]: value };
        for (const dialect of [openaiEmbeddings, geminiEmbeddings]) {
          const facts = dialect.readAnswer(Buffer.from(JSON.stringify(wire)));
          for (const units of Object.values(facts.usage ?? {})) expect(units).toBeGreaterThanOrEqual(0);
        }
        for (const codec of [openai, gemini])
          try {
            for (const one of codec.decodeResponse(wire).vectors) expect(one.length).toBeGreaterThan(0);
          } catch (error) {
            if (!(error instanceof Error) || error instanceof TypeError) throw error;
          }
      }),
    );
  });
});
