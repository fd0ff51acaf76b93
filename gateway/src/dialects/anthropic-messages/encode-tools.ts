import { CUSTOM_TOOL_SCHEMA } from "../canonical/custom-tool.ts";
import { objectOf } from "../canonical/fields.ts";
import { choiceFor } from "../canonical/hosted-choice.ts";
import type { CanonicalRequest, JsonSchema, Tool, ToolChoice } from "../canonical/request.ts";
import { ownOfSearch } from "../canonical/search-tool.ts";
import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import { cacheControl } from "./encode-media.ts";
import type { ModelTraits } from "./model-traits.ts";

type Words = Record<string, unknown>;

/** The versions of the server tools that the most models take (SDK: ToolUnion). */
const WEB_SEARCH = "web_search_20250305";
const WEB_FETCH = "web_fetch_20250910";
const CODE_EXECUTION = "code_execution_20250825";

/** The name under which a tool choice means a tool. */
const choiceName = (tool: Tool): string =>
  tool.type === "web-search" ? "web_search" : tool.type === "url-context" ? "web_fetch" : tool.type === "code-execution" ? "code_execution" : tool.name;

/** `tools` and `tool_choice`; `forced`: the model must call one, which thinking does not allow. */
export function encodeTools(request: CanonicalRequest, traits: ModelTraits, dropped: DroppedFeatures): { tools?: Words[]; tool_choice?: Words; forced: boolean } {
  let offered = request.tools ?? [];
  const choice = choiceFor(request, (type) => choiceName({ type }), dropped);
  if (choice?.mode === "allowed") {
    const names = new Set(choice.names);
    offered = offered.filter((tool) => names.has(choiceName(tool)));
  }
  const tools = offered.map((tool) => encodeTool(tool, request, traits, dropped)).filter((tool) => tool !== undefined);
  if (tools.length === 0) {
    if (choice && choice.mode !== "auto" && choice.mode !== "none") dropped.add("toolChoice");
    return { forced: false };
  }
  const toolChoice = encodeChoice(choice, request.parallelToolCalls);
  const forced = toolChoice?.["type"] === "any" || toolChoice?.["type"] === "tool";
  return toolChoice ? { tools, tool_choice: toolChoice, forced } : { tools, forced };
}

/** SDK: ToolChoice. The tools left out by "allowed" are not offered at all: Anthropic has no other way to say it. */
function encodeChoice(choice: ToolChoice | undefined, parallel: boolean | undefined): Words | undefined {
  const serial = parallel === false ? { disable_parallel_tool_use: true } : {};
  if (!choice) return parallel === false ? { type: "auto", ...serial } : undefined;
  switch (choice.mode) {
    case "none":
      return { type: "none" };
    case "tool":
      return { type: "tool", name: choice.name, ...serial };
    case "allowed":
      return { type: choice.required ? "any" : "auto", ...serial };
    default:
      return { type: choice.mode === "required" ? "any" : "auto", ...serial };
  }
}

function encodeTool(tool: Tool, request: CanonicalRequest, traits: ModelTraits, dropped: DroppedFeatures): Words | undefined {
  switch (tool.type) {
    case "function":
      if (tool.strict && !traits.strictTools) dropped.add("tools.strict", "strict");
      return {
        name: tool.name,
        ...(tool.description === undefined ? {} : { description: tool.description }),
        input_schema: inputSchema(tool.parameters),
        ...(tool.strict && traits.strictTools ? { strict: true } : {}),
        ...cacheControl(tool.cache),
      };
    case "custom":
      if (objectOf(tool.format)["type"] === "grammar") dropped.add("tools.format", "format");
      return { name: tool.name, ...(tool.description === undefined ? {} : { description: tool.description }), input_schema: CUSTOM_TOOL_SCHEMA };
    case "web-search":
      return encodeWebSearch(tool, dropped);
    case "url-context": {
      const own = request.own?.dialect === "anthropic-messages" ? objectOf(request.own.values["web_fetch"]) : {};
      return { type: WEB_FETCH, name: "web_fetch", ...own };
    }
    case "code-execution":
      if (tool.container !== undefined) dropped.add("tools.code-execution.container");
      return { type: CODE_EXECUTION, name: "code_execution", ...cacheControl(tool.cache) };
    default:
      if (tool.dialect === "anthropic-messages") return objectOf(tool.value);
      dropped.add(`tools.${tool.name}`, tool.name);
      return undefined;
  }
}

function encodeWebSearch(tool: Extract<Tool, { type: "web-search" }>, dropped: DroppedFeatures): Words {
  // "medium" is OpenAI's default, and so no wish.
  if (tool.contextSize !== undefined && tool.contextSize !== "medium") dropped.add("tools.web-search.contextSize", "search_context_size");
  const both = tool.allowedDomains !== undefined && tool.blockedDomains !== undefined;
  if (both) dropped.add("tools.web-search.blockedDomains", "blocked_domains");
  return {
    type: WEB_SEARCH,
    name: "web_search",
    ...(tool.maxUses === undefined ? {} : { max_uses: tool.maxUses }),
    ...(tool.allowedDomains === undefined ? {} : { allowed_domains: tool.allowedDomains }),
    ...(tool.blockedDomains === undefined || both ? {} : { blocked_domains: tool.blockedDomains }),
    ...(tool.userLocation === undefined ? {} : { user_location: { type: "approximate", ...tool.userLocation } }),
    ...cacheControl(tool.cache),
    ...ownOfSearch(tool, "anthropic-messages", dropped),
  };
}

/** SDK: Tool.InputSchema: an object in any case, also for a tool without parameters. */
function inputSchema(parameters: JsonSchema | undefined): Words {
  if (parameters === undefined || typeof parameters === "boolean") return { type: "object", properties: {} };
  return parameters["type"] === "object" ? parameters : { ...parameters, type: "object" };
}
