import { choiceFor } from "../canonical/hosted-choice.ts";
import { formatInstruction } from "../canonical/format-in-words.ts";
import type { CanonicalRequest, JsonSchema, OutputFormat, Tool, ToolChoice } from "../canonical/request.ts";
import { ownOfSearch } from "../canonical/search-tool.ts";
import { hostedNameOf } from "./decode-tools.ts";
import type { EncodeState } from "./encode-content.ts";
import { has } from "./traits.ts";
import { defined } from "../canonical/wire-fields.ts";

type Json = Record<string, unknown>;

/** A schema that OpenAI takes as `parameters`: an object, also for a tool without any (leaving it out means the same to OpenAI and nothing to some others). */
function parametersOf(schema: JsonSchema | undefined, strict: boolean): JsonSchema {
  if (typeof schema === "object" && Object.keys(schema).length > 0) return schema;
  return { type: "object", properties: {}, ...(strict ? { required: [], additionalProperties: false } : {}) };
}

function webSearch(tool: Tool & { type: "web-search" }, state: EncodeState): Json {
  if (tool.maxUses !== undefined) state.dropped.add("tools.web-search.maxUses");
  if (tool.allowedDomains) state.dropped.add("tools.web-search.allowedDomains");
  if (tool.blockedDomains) state.dropped.add("tools.web-search.blockedDomains");
  ownOfSearch(tool, "openai-chat", state.dropped);
  return defined<Json>({
    search_context_size: tool.contextSize,
    user_location: tool.userLocation ? { type: "approximate", approximate: tool.userLocation } : undefined,
  });
}

/** Writes `tools`, `tool_choice`, `parallel_tool_calls` and `web_search_options` into the body. */
export function addTools(body: Json, request: CanonicalRequest, state: EncodeState): void {
  const { target, dropped } = state;
  const offered = narrowed(request, state);
  const tools: Json[] = [];
  for (const tool of offered.tools) {
    if ((tool.type === "function" || tool.type === "custom") && has(target, "no-tools")) {
      dropped.add("tools");
      continue;
    }
    switch (tool.type) {
      case "function": {
        const strict = has(target, "no-strict") ? undefined : tool.strict;
        const wire: Json = { type: "function", function: defined<Json>({ name: tool.name, description: tool.description, parameters: parametersOf(tool.parameters, strict === true), strict }) };
        if (tool.cache && has(target, "cache-control")) wire["cache_control"] = { type: "ephemeral", ...(tool.cache.ttl ? { ttl: tool.cache.ttl } : {}) };
        tools.push(wire);
        break;
      }
      case "custom":
        tools.push({ type: "custom", custom: defined<Json>({ name: tool.name, description: tool.description, format: tool.format }) });
        break;
      case "opaque":
        if (tool.dialect === "openai-chat") tools.push(tool.value as Json);
        else dropped.add(tool.name);
        break;
      default: {
        const name = hostedNameOf(tool);
        if (name !== undefined && has(target, "hosted-tool-names")) tools.push({ type: "function", function: { name } });
        else if (tool.type === "web-search" && !has(target, "no-web-search")) body["web_search_options"] = webSearch(tool, state);
        else dropped.add(`tools.${tool.type}`);
      }
    }
  }
  if (tools.length === 0) {
    if (offered.choice && offered.choice.mode !== "auto" && offered.choice.mode !== "none" && (request.tools?.length ?? 0) > 0) dropped.add("toolChoice");
    return;
  }
  body["tools"] = tools;
  if (offered.choice) body["tool_choice"] = toolChoice(offered.choice, request.tools ?? [], state);
  if (request.parallelToolCalls === undefined) return;
  if (!has(target, "no-parallel-tool-calls")) body["parallel_tool_calls"] = request.parallelToolCalls;
  else if (!request.parallelToolCalls) dropped.add("parallelToolCalls");
}

/** Where the target has no allowed_tools, offering those tools alone means the same. */
function narrowed(request: CanonicalRequest, { target, dropped }: EncodeState): { tools: Tool[]; choice: ToolChoice | undefined } {
  const { tools = [] } = request;
  const choice = choiceFor(request, (type) => (has(target, "hosted-tool-names") ? hostedNameOf({ type }) : undefined), dropped);
  if (choice?.mode !== "allowed" || !has(target, "no-allowed-tools")) return { tools, choice };
  const names = new Set(choice.names);
  return { tools: tools.filter((tool) => (tool.type === "function" || tool.type === "custom" ? names.has(tool.name) : true)), choice: { mode: choice.required ? "required" : "auto" } };
}

function toolChoice(choice: ToolChoice, tools: Tool[], { target, dropped }: EncodeState): unknown {
  const forces = choice.mode === "required" || choice.mode === "tool" || (choice.mode === "allowed" && choice.required);
  if (forces && has(target, "no-forced-tools")) {
    dropped.add("toolChoice");
    return "auto";
  }
  const named = (name: string): Json => {
    const type = tools.some((tool) => tool.type === "custom" && tool.name === name) ? "custom" : "function";
    return { type, [type]: { name } };
  };
  if (choice.mode === "tool") return named(choice.name);
  if (choice.mode === "allowed") return { type: "allowed_tools", allowed_tools: { mode: choice.required ? "required" : "auto", tools: choice.names.map(named) } };
  return choice.mode;
}

/** What a schema is called where the caller gave no name: OpenAI demands one. */
const SCHEMA_NAME = "answer";

/** `response_format`, and the system text that the target needs beside or in place of it. */
export function encodeFormat(format: OutputFormat, talksOfJson: boolean, state: EncodeState): { format?: Json; instruction?: string } {
  const { target, dropped } = state;
  const enforced = !has(target, "no-json-object");
  const asObject = enforced ? { format: { type: "json_object" } } : {};
  if (!enforced && (format.type === "json" || has(target, "no-json-schema"))) dropped.add("format");
  if (format.type === "json") {
    // OpenAI refuses JSON mode where no message speaks of JSON.
    return enforced && talksOfJson ? asObject : { ...asObject, instruction: formatInstruction(format) };
  }
  if (has(target, "no-json-schema")) return { ...asObject, instruction: formatInstruction(format) };
  return {
    format: {
      type: "json_schema",
      json_schema: defined<Json>({
        name: (format.name ?? SCHEMA_NAME).replaceAll(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64) || SCHEMA_NAME,
        description: format.description,
        schema: typeof format.schema === "boolean" ? {} : format.schema,
        strict: has(target, "no-strict") ? undefined : format.strict,
      }),
    },
  };
}
