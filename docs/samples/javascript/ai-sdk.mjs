import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateText, Output, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { check, getWeather, KEY, PICTURE, run, URL } from "./samples.mjs";

const openai = createOpenAI({ baseURL: `${URL}/v1`, apiKey: KEY });
const compatible = createOpenAICompatible({ name: "yescale", baseURL: `${URL}/v1`, apiKey: KEY, includeUsage: true, supportsStructuredOutputs: true });
const anthropic = createAnthropic({ baseURL: `${URL}/v1`, apiKey: KEY });
const google = createGoogleGenerativeAI({ baseURL: `${URL}/v1beta`, apiKey: KEY });

/** Every provider reaches every model. `openai(...)` speaks Responses, `openai.chat(...)` chat completions. */
const clients = (model) => [openai(model), openai.chat(model), compatible(model), anthropic(model), google(model)];
const tools = { get_weather: tool({ description: "The weather", inputSchema: z.object({ city: z.string() }), execute: getWeather }) };

async function chat(model) {
  for (const client of clients(model)) {
    const { text, usage } = await generateText({ model: client, prompt: "Say hello" });
    check(text.includes("hello") && usage.totalTokens > 0, { text, usage });
  }
}

async function stream(model) {
  for (const client of clients(model)) {
    const { textStream, usage } = streamText({ model: client, prompt: "count to 5" });
    let text = "";
    for await (const piece of textStream) text += piece;
    check(text === "1, 2, 3, 4, 5" && (await usage).outputTokens > 0, text);
  }
}

async function toolLoop(model) {
  for (const client of clients(model)) {
    const { text, steps } = await generateText({ model: client, prompt: "Use get_weather for Paris", tools, stopWhen: stepCountIs(3) });
    check(text.includes("sunny in Paris") && steps.length === 2, { text, steps: steps.length });
  }
}

async function streamedToolLoop(model) {
  for (const client of clients(model)) {
    const text = await streamText({ model: client, prompt: "Use get_weather for Paris", tools, stopWhen: stepCountIs(3) }).text;
    check(text.includes("sunny in Paris"), text);
  }
}

async function picture(model) {
  for (const client of clients(model)) {
    const content = [{ type: "text", text: "What is this?" }, { type: "image", image: PICTURE, mediaType: "image/png" }];
    const { text } = await generateText({ model: client, messages: [{ role: "user", content }] });
    check(text.includes("picture"), text);
  }
}

async function structured(model) {
  for (const client of clients(model)) {
    const schema = z.object({ name: z.string(), inhabitants: z.number() });
    const { output } = await generateText({ model: client, prompt: "Tell me about Paris", output: Output.object({ schema }) });
    check(typeof output.name === "string" && typeof output.inhabitants === "number", output);
  }
}

async function embeddings() {
  for (const model of [openai.embedding("text-embedding-3-small"), google.embedding("gemini-embedding-001")]) {
    const { embeddings: found } = await embedMany({ model, values: ["red", "blue"] });
    check(found.length === 2 && found[0].length > 100, found.length);
  }
}

await run(chat, stream, toolLoop, streamedToolLoop, picture, structured, embeddings);
