/** What a snippet is made for. */
interface SnippetTarget {
  origin: string;
  /** undefined: one that shows how it is done */
  model: string | undefined;
}

interface Snippet {
  /** as a fence in Markdown names it */
  language: string;
  /** a model to show it with */
  model: string;
  code: (origin: string, model: string) => string;
}

/** How clients are set up: a program to run, or the settings of a tool. Tests run the programs against a gateway. */
export const SNIPPETS = {
  curl: {
    language: "sh",
    model: "gpt-4.1-mini",
    code: (origin, model) => `curl ${origin}/v1/chat/completions -H "Authorization: Bearer $YESCALE_API_KEY" -H 'Content-Type: application/json' \\
  -d '{"model":"${model}","messages":[{"role":"user","content":"Say hello"}]}'`,
  },
  "openai-python": {
    language: "python",
    model: "gpt-4.1-mini",
    code: (origin, model) => `import os
from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key=os.environ["YESCALE_API_KEY"])
answer = client.chat.completions.create(model="${model}", messages=[{"role": "user", "content": "Say hello"}])
print(answer.choices[0].message.content)`,
  },
  "openai-javascript": {
    language: "js",
    model: "gpt-4.1-mini",
    code: (origin, model) => `import { env } from "node:process";
import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${origin}/v1", apiKey: env.YESCALE_API_KEY });
const answer = await client.chat.completions.create({ model: "${model}", messages: [{ role: "user", content: "Say hello" }] });
console.log(answer.choices[0].message.content);`,
  },
  "anthropic-python": {
    language: "python",
    model: "claude-sonnet-4-5",
    code: (origin, model) => `import os
import anthropic

client = anthropic.Anthropic(base_url="${origin}", api_key=os.environ["YESCALE_API_KEY"])
answer = client.messages.create(model="${model}", max_tokens=100, messages=[{"role": "user", "content": "Say hello"}])
print(answer.content[0].text)`,
  },
  "anthropic-javascript": {
    language: "js",
    model: "claude-sonnet-4-5",
    code: (origin, model) => `import { env } from "node:process";
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({ baseURL: "${origin}", apiKey: env.YESCALE_API_KEY });
const answer = await client.messages.create({ model: "${model}", max_tokens: 100, messages: [{ role: "user", content: "Say hello" }] });
console.log(answer.content[0].text);`,
  },
  "gemini-python": {
    language: "python",
    model: "gemini-2.5-flash",
    code: (origin, model) => `import os
from google import genai

client = genai.Client(api_key=os.environ["YESCALE_API_KEY"], http_options={"base_url": "${origin}"})
print(client.models.generate_content(model="${model}", contents="Say hello").text)`,
  },
  "gemini-javascript": {
    language: "js",
    model: "gemini-2.5-flash",
    code: (origin, model) => `import { env } from "node:process";
import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({ apiKey: env.YESCALE_API_KEY, httpOptions: { baseUrl: "${origin}" } });
const answer = await client.models.generateContent({ model: "${model}", contents: "Say hello" });
console.log(answer.text);`,
  },
  task: {
    language: "sh",
    model: "flux-dev",
    code: (origin, model) => `curl ${origin}/task/submit -H "Authorization: Bearer $YESCALE_API_KEY" -H 'Content-Type: application/json' -H 'Prefer: wait=60' \\
  -d '{"model":"${model}","prompt":"a red stone"}'
# later, with its task_id: curl ${origin}/task/TASK_ID -H "Authorization: Bearer $YESCALE_API_KEY"`,
  },
  "claude-code": {
    language: "sh",
    model: "claude-sonnet-4-5",
    code: (origin, model) => `export ANTHROPIC_BASE_URL=${origin}
export ANTHROPIC_AUTH_TOKEN=$YESCALE_API_KEY
ANTHROPIC_MODEL=${model} claude`,
  },
  codex: {
    language: "toml",
    model: "gpt-5.5",
    code: (origin, model) => `# ~/.codex/config.toml
model = "${model}"
model_provider = "yescale"

[model_providers.yescale]
name = "YEScale"
base_url = "${origin}/v1"
env_key = "YESCALE_API_KEY"
wire_api = "responses"`,
  },
  "gemini-cli": {
    language: "sh",
    model: "gemini-2.5-pro",
    code: (origin, model) => `export GOOGLE_GEMINI_BASE_URL=${origin}
export GEMINI_API_KEY=$YESCALE_API_KEY
gemini -m ${model}`,
  },
  opencode: {
    language: "json",
    model: "claude-sonnet-4-5",
    code: (origin, model) => `{
  "$schema": "https://opencode.ai/config.json",
  "provider": {
    "yescale": {
      "npm": "@ai-sdk/openai-compatible",
      "name": "YEScale",
      "options": { "baseURL": "${origin}/v1", "apiKey": "{env:YESCALE_API_KEY}" },
      "models": { "${model}": { "name": "${model}" } }
    }
  }
}`,
  },
} as const satisfies Record<string, Snippet>;

export type SnippetName = keyof typeof SNIPPETS;

/** A snippet as Markdown. `model`: an id of the catalog. */
export function snippet(name: SnippetName, { origin, model }: SnippetTarget): string {
  const { language, code, model: shown } = SNIPPETS[name];
  return `\`\`\`${language}\n${code(origin, model ?? shown)}\n\`\`\``;
}
