import { describe, expect, test } from "bun:test";
import { RATIO_ONE } from "../catalog/money.ts";
import { evaluate, loadCatalog } from "../catalog/index.ts";
import type { VendorDialectId } from "./canonical/dialect.ts";
import { VENDOR_SIDES } from "./registry.ts";

/**
 * Where vendors put what a model thought: inside the output (OpenAI, Anthropic), beside it (Gemini; xAI, which only its total tells). Bodies and events are constructed
 * after the vendors' documents on usage. `[answer, thought]`: tokens of each.
 */
const CASES: [answer: number, thought: number][] = [[0, 30], [10, 20], [30, 0]];
type Form = { dialect: VendorDialectId; model: string; whole: (answer: number, thought: number) => object; events: (answer: number, thought: number) => string[] };

const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const chatUsage = (answer: number, thought: number) => ({ prompt_tokens: 10, completion_tokens: answer + thought, total_tokens: 10 + answer + thought, completion_tokens_details: { reasoning_tokens: thought } });
const besideUsage = (answer: number, thought: number) => ({ ...chatUsage(answer, thought), completion_tokens: answer });
const chat = (usage: typeof chatUsage): Pick<Form, "whole" | "events"> => ({
  whole: (answer, thought) => ({ id: "x", choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: answer > 0 ? "said" : "" } }], usage: usage(answer, thought) }),
  events: (answer, thought) => [
    data({ choices: [{ index: 0, delta: answer > 0 ? { content: "said" } : { reasoning_content: "thought" } }] }), data({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }), data({ choices: [], usage: usage(answer, thought) }), "data: [DONE]\n\n",
  ],
});
const responsesUsage = (answer: number, thought: number) => ({ input_tokens: 10, output_tokens: answer + thought, output_tokens_details: { reasoning_tokens: thought } });
const messagesUsage = (answer: number, thought: number) => ({ input_tokens: 10, output_tokens: answer + thought, output_tokens_details: { thinking_tokens: thought } });
const geminiAnswer = (answer: number, thought: number) => ({
  candidates: [{ content: { parts: answer > 0 ? [{ text: "said" }] : [] }, finishReason: "STOP" }],
  usageMetadata: { promptTokenCount: 10, ...(answer > 0 ? { candidatesTokenCount: answer } : {}), thoughtsTokenCount: thought, totalTokenCount: 10 + answer + thought },
});

const FORMS: Record<string, Form> = {
  "OpenAI chat": { dialect: "openai-chat", model: "gpt-5-mini", ...chat(chatUsage) },
  xAI: { dialect: "openai-chat", model: "grok-4.3", ...chat(besideUsage) },
  "OpenAI Responses": {
    dialect: "openai-responses",
    model: "gpt-5-mini",
    whole: (answer, thought) => ({ id: "x", output: answer > 0 ? [{ type: "message", content: [{ type: "output_text", text: "said" }] }] : [{ type: "reasoning", summary: [] }], usage: responsesUsage(answer, thought) }),
    events: (answer, thought) => [data({ type: "response.output_text.delta", delta: answer > 0 ? "said" : "" }), data({ type: "response.completed", response: { output: [], usage: responsesUsage(answer, thought) } })],
  },
  Anthropic: {
    dialect: "anthropic-messages",
    model: "claude-sonnet-4-5",
    whole: (answer, thought) => ({ id: "x", content: [answer > 0 ? { type: "text", text: "said" } : { type: "thinking", thinking: "thought" }], usage: messagesUsage(answer, thought) }),
    events: (answer, thought) => [
      data({ type: "message_start", message: { usage: { input_tokens: 10, output_tokens: 1 } } }), data({ type: "content_block_delta", delta: answer > 0 ? { type: "text_delta", text: "said" } : { type: "thinking_delta", thinking: "thought" } }),
      data({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: messagesUsage(answer, thought) }), data({ type: "message_stop" }),
    ],
  },
  Gemini: { dialect: "gemini", model: "gemini-2.5-flash", whole: geminiAnswer, events: (answer, thought) => [data(geminiAnswer(answer, thought))] },
};
const catalog = loadCatalog();

describe.each(Object.keys(FORMS))("M13: %s", (name) => {
  test.each(CASES)("%d tokens of answer, %d of thinking: each once, and paid as output", (answer, thought) => {
    const { dialect, model, whole, events } = FORMS[name] as Form;
    const side = VENDOR_SIDES[dialect];
    const meter = side.meter();
    for (const event of events(answer, thought)) meter.event(event);
    const prices = catalog.find(model)?.compiled;
    if (!prices) throw new Error(`${model} has no price`);
    const cost = (usage: object): bigint => evaluate({ prices, usage, groupRatioMicro: RATIO_ONE }).totalNano;
    for (const read of [side.readAnswer(Buffer.from(JSON.stringify(whole(answer, thought)))).usage, meter.usage(999).usage]) {
      expect([read?.input, read?.output ?? 0, read?.reasoning ?? 0]).toEqual([10, answer, thought]);
      expect(cost(read ?? {})).toBe(cost({ input: 10, output: answer + thought }));
    }
    expect(meter.usage(999).estimated).toBe(false);
  });
});
