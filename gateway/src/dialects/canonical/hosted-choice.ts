import type { DroppedFeatures } from "./dropped-features.ts";
import type { CanonicalRequest, Tool, ToolChoice } from "./request.ts";
import { table } from "../../table.ts";

type Hosted = "web-search" | "code-execution" | "url-context";

/** What callers call the tools that vendors run, when a choice names one: Anthropic's and OpenAI's types, and function names that switch such a tool on. */
const NAMES: Readonly<Record<string, Hosted>> = table({
  googleSearch: "web-search", web_search: "web-search", web_search_preview: "web-search",
  codeExecution: "code-execution", code_execution: "code-execution", code_interpreter: "code-execution",
  urlContext: "url-context", web_fetch: "url-context",
});

/** The offered hosted tool that a name in a tool choice means; undefined for functions. */
export function hostedOfChoice(name: string, tools: readonly Tool[]): Hosted | undefined {
  if (tools.some((tool) => "name" in tool && tool.name === name)) return undefined;
  const type = NAMES[name];
  return tools.some((tool) => tool.type === type) ? type : undefined;
}

/**
 * A request's tool choice with hosted tools under the target's names (`nameOf`; undefined: the target cannot choose that tool). What cannot be chosen is reported; where nothing
 * else was chosen the model is left free.
 */
export function choiceFor({ toolChoice: choice, tools = [] }: CanonicalRequest, nameOf: (tool: Hosted) => string | undefined, dropped: DroppedFeatures): ToolChoice | undefined {
  if (choice?.mode !== "tool" && choice?.mode !== "allowed") return choice;
  const named = (name: string): string | undefined => {
    const hosted = hostedOfChoice(name, tools);
    return hosted ? nameOf(hosted) : name;
  };
  const wanted = choice.mode === "tool" ? [choice.name] : choice.names;
  const names = wanted.map(named).filter((name) => name !== undefined);
  if (names.length < wanted.length) dropped.add("toolChoice");
  const [only] = names;
  if (only === undefined && wanted.length > 0) return undefined;
  return choice.mode === "tool" ? { mode: "tool", name: only ?? choice.name } : { ...choice, names };
}
