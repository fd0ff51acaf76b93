import type { PairedId } from "./pairs.ts";
import { objectOf, parseJson } from "../canonical/fields.ts";

type Wire = Record<string, unknown>;

/**
 * What a client of each dialect does between two turns: keep the answer as its vendor's SDK gives it, and send it back with the results of the tools. Written from the
 * vendors' documents and without the codecs, which these clients are to judge.
 */
export interface Client {
  /** address below the vendor's or the gateway's */
  path(model: string, stream: boolean): string;
  credential(key: string): Record<string, string>;
  /** the question, with thinking wished for and a tool */
  ask(model: string, prompt: string, stream: boolean): Wire;
  /** what of the answer goes into the history */
  keep(answer: string, stream: boolean): Wire[];
  /** the next turn: the results of all calls kept, and perhaps another question */
  next(body: Wire, kept: Wire[], model: string, prompt?: string): Wire;
}

const SCHEMA = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const RESULT = "8 degrees";

/** A text out of anything parsed; empty for what is none. */
const textIn = (value: unknown): string => (typeof value === "string" ? value : "");
export const objects = (value: unknown): Wire[] => (Array.isArray(value) ? value.map(objectOf) : []);
export const eventsOf = (text: string): Wire[] => text.split(/\r?\n\r?\n/).flatMap((block) => block.split(/\r?\n/).filter((line) => line.startsWith("data: {")).map((line) => objectOf(parseJson(line.slice(6)))));
const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

const chat: Client = {
  path: () => "/v1/chat/completions",
  credential: bearer,
  ask: (model, prompt, stream) => ({
    model, stream, reasoning_effort: "high", messages: [{ role: "user", content: prompt }],
    tools: [{ type: "function", function: { name: "get_weather", parameters: SCHEMA } }],
  }),
  keep(answer, stream) {
    if (!stream) return [objectOf(objects(objectOf(parseJson(answer))["choices"])[0]?.["message"])];
    const message: Wire = { role: "assistant", content: null };
    const [calls, details]: [Wire[], Wire[]] = [[], []];
    for (const event of eventsOf(answer)) {
      const delta = objectOf(objects(event["choices"])[0]?.["delta"]);
      if (typeof delta["content"] === "string" && delta["content"] !== "") message["content"] = textIn(message["content"]) + delta["content"];
      details.push(...objects(delta["reasoning_details"]));
      for (const piece of objects(delta["tool_calls"])) {
        const { index: _index, ...head } = piece;
        const known = calls[Number(piece["index"])];
        if (!known) calls[Number(piece["index"])] = structuredClone(head);
        else Object.assign(known, { function: { ...objectOf(known["function"]), arguments: textIn(objectOf(known["function"])["arguments"]) + textIn(objectOf(piece["function"])["arguments"]) } });
      }
    }
    return [{ ...message, ...(details.length > 0 ? { reasoning_details: details } : {}), ...(calls.length > 0 ? { tool_calls: calls } : {}) }];
  },
  next: (body, kept, model, prompt) => ({
    ...body, model,
    messages: [
      ...objects(body["messages"]), ...kept,
      ...kept.flatMap((message) => objects(message["tool_calls"])).map((call) => ({ role: "tool", tool_call_id: call["id"], content: RESULT })),
      ...(prompt === undefined ? [] : [{ role: "user", content: prompt }]),
    ],
  }),
};

const responses: Client = {
  path: () => "/v1/responses",
  credential: bearer,
  ask: (model, prompt, stream) => ({
    model, stream, store: false, reasoning: { effort: "high", summary: "auto" }, include: ["reasoning.encrypted_content"], input: [{ role: "user", content: prompt }],
    tools: [{ type: "function", name: "get_weather", parameters: SCHEMA, strict: false }],
  }),
  keep: (answer, stream) => objects(stream ? objectOf(eventsOf(answer).at(-1)?.["response"])["output"] : objectOf(parseJson(answer))["output"]),
  next: (body, kept, model, prompt) => ({
    ...body, model,
    input: [
      ...objects(body["input"]), ...kept,
      ...kept.filter((item) => item["type"] === "function_call").map((call) => ({ type: "function_call_output", call_id: call["call_id"], output: RESULT })),
      ...(prompt === undefined ? [] : [{ role: "user", content: prompt }]),
    ],
  }),
};

const anthropic: Client = {
  path: () => "/v1/messages",
  credential: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
  ask: (model, prompt, stream) => ({
    model, stream, max_tokens: 8_000, thinking: { type: "enabled", budget_tokens: 2_000 }, messages: [{ role: "user", content: prompt }],
    tools: [{ name: "get_weather", input_schema: SCHEMA }],
  }),
  keep(answer, stream) {
    if (!stream) return objects(objectOf(parseJson(answer))["content"]);
    const blocks: Wire[] = [];
    const inputs = new Map<number, string>();
    for (const event of eventsOf(answer)) {
      const at = Number(event["index"]);
      const delta = objectOf(event["delta"]);
      if (event["type"] === "content_block_start") blocks[at] = structuredClone(objectOf(event["content_block"]));
      if (event["type"] !== "content_block_delta") continue;
      const block = blocks[at] ?? {};
      for (const name of ["text", "thinking", "signature"]) if (typeof delta[name] === "string") block[name] = textIn(block[name]) + textIn(delta[name]);
      if (typeof delta["partial_json"] === "string") inputs.set(at, (inputs.get(at) ?? "") + delta["partial_json"]);
    }
    for (const [at, json] of inputs) Object.assign(blocks[at] ?? {}, { input: parseJson(json) ?? {} });
    return blocks;
  },
  next(body, kept, model, prompt) {
    const results = kept.filter((block) => block["type"] === "tool_use").map((call) => ({ type: "tool_result", tool_use_id: call["id"], content: RESULT }));
    const content = [...results, ...(prompt === undefined ? [] : [{ type: "text", text: prompt }])];
    return { ...body, model, messages: [...objects(body["messages"]), { role: "assistant", content: kept }, { role: "user", content }] };
  },
};

const gemini: Client = {
  path: (model, stream) => `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
  credential: (key) => ({ "x-goog-api-key": key }),
  ask: (_model, prompt) => ({
    contents: [{ role: "user", parts: [{ text: prompt }] }], generationConfig: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2_000 } },
    tools: [{ functionDeclarations: [{ name: "get_weather", parametersJsonSchema: SCHEMA }] }],
  }),
  // The SDK's chat keeps every piece of a stream as a part of its own.
  keep: (answer, stream) => (stream ? eventsOf(answer) : [objectOf(parseJson(answer))]).flatMap((event) => objects(objectOf(objects(event["candidates"])[0]?.["content"])["parts"])),
  next(body, kept, _model, prompt) {
    const results = kept.flatMap((part) => (part["functionCall"] === undefined ? [] : [objectOf(part["functionCall"])])).map(({ id, name }) => ({ functionResponse: { id, name, response: { output: RESULT } } }));
    const parts = [...results, ...(prompt === undefined ? [] : [{ text: prompt }])];
    return { ...body, contents: [...objects(body["contents"]), { role: "model", parts: kept }, { role: "user", parts }] };
  },
};

export const CLIENTS: Record<PairedId, Client> = { "openai-chat": chat, "openai-responses": responses, "anthropic-messages": anthropic, gemini };
