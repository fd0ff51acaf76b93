import { env } from "node:process";
import { Anthropic } from "@llamaindex/anthropic";
import { OpenAI } from "@llamaindex/openai";
import { tool } from "llamaindex";
import { z } from "zod";
import { check, getWeather, KEY, run, URL } from "./samples.mjs";

// Its Anthropic class hands no address on; the SDK beneath it reads this.
env.ANTHROPIC_BASE_URL = URL;

/** The OpenAI class reaches every model, the Anthropic class Anthropic's. */
const clients = (model) => [
  new OpenAI({ model, apiKey: KEY, baseURL: `${URL}/v1` }),
  ...(model.startsWith("claude") ? [new Anthropic({ model, apiKey: KEY })] : []),
];
const weather = tool({ name: "get_weather", description: "The weather", parameters: z.object({ city: z.string() }), execute: getWeather });
const user = (content) => ({ role: "user", content });

async function chatAndStream(model) {
  for (const client of clients(model)) {
    const { message } = await client.chat({ messages: [user("Say hello")] });
    check(JSON.stringify(message.content).includes("hello"), message);
    let text = "";
    for await (const chunk of await client.chat({ messages: [user("count to 5")], stream: true })) text += chunk.delta;
    check(text === "1, 2, 3, 4, 5", text);
  }
}

async function tools(model) {
  for (const client of clients(model)) {
    const messages = [user("Use get_weather for Paris")];
    const { message } = await client.chat({ messages, tools: [weather] });
    const [call] = message.options.toolCall;
    const input = typeof call.input === "string" ? JSON.parse(call.input) : call.input;
    messages.push(message, { role: "user", content: await weather.call(input), options: { toolResult: { id: call.id, result: await weather.call(input), isError: false } } });
    const last = await client.chat({ messages, tools: [weather] });
    check(JSON.stringify(last.message.content).includes("sunny in Paris"), last.message);
  }
}

await run(chatAndStream, tools);
