import { ChatAnthropic } from "@langchain/anthropic";
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatGoogleGenerativeAI } from "@langchain/google-genai";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import { check, getWeather, KEY, PICTURE, run, URL } from "./samples.mjs";

/** Every class reaches every model; the Gemini class sends pictures to names of Gemini's alone. */
const clients = (model, pictures = false) => [
  new ChatOpenAI({ model, apiKey: KEY, configuration: { baseURL: `${URL}/v1` } }),
  new ChatOpenAI({ model, apiKey: KEY, configuration: { baseURL: `${URL}/v1` }, useResponsesApi: true, zdrEnabled: true }),
  new ChatAnthropic({ model, apiKey: KEY, anthropicApiUrl: URL }),
  ...(pictures && !model.startsWith("gemini") ? [] : [new ChatGoogleGenerativeAI({ model, apiKey: KEY, baseUrl: URL })]),
];
const weather = tool(getWeather, { name: "get_weather", description: "The weather", schema: z.object({ city: z.string() }) });

async function chatAndStream(model) {
  for (const client of clients(model)) {
    const answer = await client.invoke("Say hello");
    check(answer.text.includes("hello") && answer.usage_metadata.total_tokens > 0, answer);
    let text = "";
    for await (const chunk of await client.stream("count to 5")) text += chunk.text;
    check(text === "1, 2, 3, 4, 5", text);
  }
}

async function tools(model) {
  for (const client of clients(model)) {
    const bound = client.bindTools([weather]);
    const messages = [new HumanMessage("Use get_weather for Paris")];
    const first = await bound.invoke(messages);
    messages.push(first);
    for (const call of first.tool_calls) messages.push(new ToolMessage({ content: await weather.invoke(call.args), tool_call_id: call.id, name: call.name }));
    const last = await bound.invoke(messages);
    check(last.text.includes("sunny in Paris"), last.text);
  }
}

async function streamedTools(model) {
  for (const client of clients(model)) {
    let whole;
    for await (const chunk of await client.bindTools([weather]).stream("Use get_weather for Paris")) whole = whole ? whole.concat(chunk) : chunk;
    check(whole.tool_calls.length === 1 && whole.tool_calls[0].args.city === "Paris", whole.tool_calls);
  }
}

async function picture(model) {
  for (const client of clients(model, true)) {
    const content = [{ type: "text", text: "What is this?" }, { type: "image_url", image_url: { url: `data:image/png;base64,${PICTURE}` } }];
    const answer = await client.invoke([new HumanMessage({ content })]);
    check(answer.text.includes("picture"), answer.text);
  }
}

async function structured(model) {
  for (const client of clients(model)) {
    const city = await client.withStructuredOutput(z.object({ name: z.string(), inhabitants: z.number() }), { name: "city" }).invoke("Tell me about Paris");
    check(typeof city.name === "string" && typeof city.inhabitants === "number", city);
  }
}

await run(chatAndStream, tools, streamedTools, picture, structured);
