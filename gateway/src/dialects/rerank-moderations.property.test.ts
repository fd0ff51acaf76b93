import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../errors/gateway-error.ts";
import type { Dialect } from "./canonical/dialect.ts";
import { scanJson } from "./canonical/json-scan.ts";
import { openaiModerations } from "./openai-moderations/index.ts";
import { rerank } from "./rerank/index.ts";

const endpoint = { name: "x", upstreamPath: "", billable: true };
const scanOf = (body: unknown) => scanJson(Buffer.from(JSON.stringify(body)));
const answer = (dialect: Dialect, body: unknown) => dialect.readAnswer(Buffer.from(JSON.stringify(body)));

describe.each<[string, Dialect, string]>([["rerank", rerank, "results"], ["moderations", openaiModerations, "results"]])("%s: whatever comes in", (_name, dialect, content) => {
  const members = ["model", "query", "documents", "top_n", "input"];
  const member = fc.oneof(fc.jsonValue(), fc.string(), fc.array(fc.oneof(fc.string(), fc.jsonValue()), { maxLength: 5 }));

  test("a request is read or refused with a 400 that names the field; prepared, it names the vendor's model once and says the rest unchanged", () => {
    fc.assert(
      fc.property(fc.record(Object.fromEntries(members.map((name) => [name, member])), { requiredKeys: [] }), (body) => {
        const scan = scanOf(body);
        try {
          const facts = dialect.readRequest(scan, endpoint);
          expect(facts.stream).toBe(false);
          const prepared = JSON.parse(dialect.prepare(scan, endpoint, "vendor-model").body.toString()) as Record<string, unknown>;
          expect(prepared).toEqual({ ...(JSON.parse(JSON.stringify(body)) as object), model: "vendor-model" });
        } catch (error) {
          if (!(error instanceof GatewayError) || ![400, 404].includes(error.kind.status) || error.param === null) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });

  test("an answer of any kind is measured without a throw", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(content, "usage", "meta", "error"), (value, name) => {
        for (const units of Object.values(answer(dialect, { [content]: [], [name]: value }).usage ?? {})) expect(units).toBeGreaterThanOrEqual(0);
        dialect.readAnswer(Buffer.from(JSON.stringify(value)));
      }),
    );
  });
});

test("a model twice is refused: we would price one and the vendor serve the other", () => {
  for (const [dialect, rest] of [[rerank, '"query":"a","documents":["b"]'], [openaiModerations, '"input":"a"']] as const)
    expect(() => dialect.readRequest(scanJson(Buffer.from(`{"model":"a","model":"b",${rest}}`)), endpoint)).toThrow(GatewayError);
});

test("the searches expected are never fewer than the vendor's: one for each hundred documents begun", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.record({ text: fc.string() })), { minLength: 1, maxLength: 350 }), fc.constantFrom(0, 1), (documents, indent) => {
      const scan = scanJson(Buffer.from(JSON.stringify({ model: "m", query: "q", documents }, null, indent)));
      expect(rerank.readRequest(scan, endpoint).units?.rerankSearch).toBeGreaterThanOrEqual(Math.ceil(documents.length / 100));
    }),
  );
  const plain = Array.from({ length: 101 }, (_, index) => `document ${index}`);
  expect(rerank.readRequest(scanOf({ model: "m", query: "q", documents: plain }), endpoint).units).toEqual({ rerankSearch: 2 });
});

test("usage: Cohere's units, Jina's tokens, both, none", () => {
  expect(answer(rerank, { results: [], meta: { billed_units: { search_units: 2 } } }).usage).toEqual({ rerankSearch: 2 });
  expect(answer(rerank, { results: [], usage: { total_tokens: 9 } }).usage).toEqual({ input: 9 });
  expect(answer(rerank, { results: [], usage: { prompt_tokens: 9 }, meta: { billed_units: { search_units: 1 } } }).usage).toEqual({ input: 9, rerankSearch: 1 });
  expect(answer(rerank, { results: [] }).usage).toBeUndefined();
  expect(answer(rerank, { message: "down" }).error).toBe("down");
  expect(answer(openaiModerations, { results: [] }).usage).toBeUndefined();
});
