import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { faultBook, specInBody } from "./fault-book.ts";
import { FaultSpecError, parseFaults } from "./fault-spec.ts";
import { codingFor } from "./encode.ts";
import { replyTo } from "./brain.ts";
import { emptyTurn } from "./conversation.ts";
import { namesIn, typedText, wishedText, writtenArguments } from "./prompt.ts";
import { implicitlyCached, promptCache } from "./prompt-cache.ts";
import { sampleOf } from "./schema.ts";
import { countTokens, tokenize } from "./tokens.ts";

describe("tokens", () => {
  test("joined they give any text back, and counting agrees", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const tokens = tokenize(text);
        expect(tokens.join("")).toBe(text);
        expect(tokens.length).toBe(countTokens(text));
      }),
    );
  });

  test("words, punctuation, long words, other scripts", () => {
    expect(tokenize("Hello, unbelievable wörld!\n")).toEqual([
      "Hello",
      ",",
      " unbeliev",
      "able",
      " wörld",
      "!",
      "\n",
    ]);
    expect(tokenize("日本語 🎉")).toEqual(["日本語", " 🎉"]);
  });
});

describe("schema samples", () => {
  const sample = (schema: object) => sampleOf({ ...schema }, { subject: "subject", number: 3 });
  test.each<[object, unknown]>([
    [{ type: "integer", minimum: 5 }, 5],
    [{ type: "number", exclusiveMaximum: 2 }, 1.5],
    [{ type: "integer", multipleOf: 10 }, 10],
    [{ type: "string", maxLength: 3 }, "sub"],
    [{ type: "string", format: "date" }, "2026-01-15"],
    [{ type: "string", pattern: "^\\d{5}$" }, "12345"],
    [{ const: 7 }, 7],
    [{ enum: ["x", "y"] }, "x"],
    [{ type: ["null", "boolean"] }, true],
    [{ anyOf: [{ type: "null" }, { type: "string" }] }, "subject"],
    [{ type: "ARRAY", items: { type: "INTEGER" }, minItems: "2" }, [3, 3]],
    [
      {
        allOf: [{ properties: { a: { type: "string" } } }, { properties: { b: { const: 1 } } }],
        type: "object",
      },
      { a: "subject", b: 1 },
    ],
  ])("%j gives %j", (schema, value) => {
    expect(sample(schema)).toEqual(value);
  });

  test("a schema that refers to itself ends", () => {
    const node = {
      type: "object",
      properties: {
        next: { anyOf: [{ $ref: "#" }, { type: "null" }] },
        list: { type: "array", items: { $ref: "#" } },
      },
      required: ["next", "list"],
    };
    expect(JSON.stringify(sample(node)).length).toBeLessThan(100_000);
  });
});

describe("faults", () => {
  test("specs", () => {
    expect([...parseFaults(" status=429; retry-after=2 ;burst")]).toEqual([
      ["status", 429],
      ["retry-after", 2],
      ["burst", true],
    ]);
    for (const wrong of [
      "",
      "nope",
      "status",
      "status=299",
      "burst=1",
      "cut=x",
      "cut=-1",
      "encode=rot13",
      "split=0",
    ])
      expect(() => parseFaults(wrong)).toThrow(FaultSpecError);
    expect(specInBody("a [[fault:cut=1]] b [[fault:cut=2]] c")).toBe("cut=2");
  });

  test("rate hits its share evenly; counts are kept per vendor and spec", () => {
    const book = faultBook();
    const hit = (vendor: string) =>
      book.faultsOf({ vendor, path: "/", credential: "k", header: "hang;rate=30", body: "" }).size > 0;
    expect(Array.from({ length: 100 }, () => hit("openai")).filter(Boolean)).toHaveLength(30);
    expect([hit("gemini"), hit("gemini"), hit("gemini"), hit("gemini")]).toEqual([false, false, false, true]);
  });
});

test("codings need consent", () => {
  expect(codingFor("br", "gzip, br;q=0.5")).toBe("br");
  expect(codingFor("zstd", "gzip")).toBeUndefined();
  expect(codingFor("gzip", null)).toBeUndefined();
});

test("prompts", () => {
  expect(namesIn("weather in New York, Paris and Rome please")).toEqual(["New York", "Paris", "Rome"]);
  expect(wishedText("Write exactly 1,000 words")?.split(" ")).toHaveLength(1000);
  expect(wishedText('Please say "hello there" to me')).toBe("hello there");
  expect(wishedText("7-2")).toBe("The answer is 5.");
  expect(wishedText("What is 9 / 3?")).toBe("The answer is 3.");
  for (const plain of ["tell me about rivers", "what people say about it", "the report of 2026-01-15"])
    expect(wishedText(plain)).toBeUndefined();
});

test("the implicit cache finds the longest prefix and forgets with time", () => {
  const cache = promptCache();
  const tokens = tokenize("stone ".repeat(2000));
  expect(implicitlyCached(cache, "a", tokens, 0)).toBe(0);
  expect(implicitlyCached(cache, "a", [...tokens.slice(0, 1500), "x", "y"], 1000)).toBe(1408);
  expect(implicitlyCached(cache, "b", tokens, 1000)).toBe(0);
  expect(implicitlyCached(cache, "a", tokens, 10_000_000)).toBe(0);
});

describe("agents' prompts", () => {
  test.each<[string, unknown[]]>([
    ['call read_file with {"path":"a.txt"} now', [{ path: "a.txt" }]],
    ['call `read_file` {"path":"{\\"}"} and read_file({"path":"b"})', [{ path: '{"}' }, { path: "b" }]],
    ['call my_read_file with {"path":"a"}', []],
    ["call read_file with {path}", []],
    ['call read_file with {"path":', []],
  ])("%s", (prompt, calls) => {
    expect<unknown[]>(writtenArguments(prompt, "read_file")).toEqual(calls);
  });

  test("context that the agent put around the prompt is not the prompt", () => {
    expect(typedText("<system-reminder>\nsay no\n</system-reminder>\n\nsay yes")).toBe("say yes");
    expect(typedText("<environment_context>x</environment_context>")).toBe("<environment_context>x</environment_context>");
  });

  test("a tool's results are answered though a turn with its picture follows them", () => {
    const turns = [
      { ...emptyTurn("user"), text: "look" },
      { ...emptyTurn("tool"), results: [{ name: "view", text: "a red square" }] },
      { ...emptyTurn("user"), text: "From the result:", images: 1 },
    ];
    const choice = { toolChoice: { mode: "auto" as const, names: [] }, parallelTools: true, answerSchema: undefined, stop: [], maxTokens: undefined, thinkingTokens: 0 };
    expect(replyTo({ model: "m", turns, tools: [], ...choice }).text.join("")).toBe("view answered: a red square");
  });
});
