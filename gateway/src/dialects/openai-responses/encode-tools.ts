import type { CanonicalRequest, Tool, ToolChoice } from "../canonical/request.ts";
import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import { ownOfSearch } from "../canonical/search-tool.ts";
import { objectOf } from "../canonical/fields.ts";
import { table } from "../../table.ts";

type Wire = Record<string, unknown>;

/** Tools as OpenAI words them; those of one namespace together again. */
export function encodeTools(request: CanonicalRequest, traits: ReadonlySet<string>, dropped: DroppedFeatures): Wire[] {
  const written: Wire[] = [];
  const groups = new Map<string, Wire[]>();
  for (const tool of request.tools ?? []) {
    const wire = encodeTool(tool, traits, dropped);
    if (!wire) continue;
    const namespace = "namespace" in tool ? tool.namespace : undefined;
    if (!namespace) {
      written.push(wire);
      continue;
    }
    let group = groups.get(namespace.name);
    if (!group) {
      group = [];
      groups.set(namespace.name, group);
      written.push({ type: "namespace", name: namespace.name, description: namespace.description ?? "", tools: group });
    }
    group.push({ ...wire, name: namespace.tool });
  }
  if (request.modalities?.includes("image")) written.push({ type: "image_generation", ...(request.image?.size === undefined ? {} : { size: request.image.size }) });
  return written;
}

function encodeTool(tool: Tool, traits: ReadonlySet<string>, dropped: DroppedFeatures): Wire | undefined {
  switch (tool.type) {
    case "function":
      return {
        type: "function",
        name: tool.name,
        ...(tool.description === undefined ? {} : { description: tool.description }),
        parameters: typeof tool.parameters === "object" ? tool.parameters : { type: "object", properties: {} },
        // Left out, it would mean true here and false in every other dialect.
        ...(traits.has("no-strict") ? {} : { strict: tool.strict ?? false }),
      };
    case "custom":
      return { type: "custom", name: tool.name, ...(tool.description === undefined ? {} : { description: tool.description }), ...(tool.format === undefined ? {} : { format: tool.format }) };
    case "web-search":
      return encodeWebSearch(tool, dropped);
    case "code-execution":
      return { type: "code_interpreter", container: tool.container ?? { type: "auto" } };
    case "url-context":
      dropped.add("tools.url-context");
      return undefined;
    case "opaque":
      if (tool.dialect === "openai-responses") return objectOf(tool.value);
      dropped.add(tool.name);
      return undefined;
  }
}

function encodeWebSearch(tool: Tool & { type: "web-search" }, dropped: DroppedFeatures): Wire {
  const { allowedDomains, blockedDomains, userLocation, contextSize, maxUses } = tool;
  if (maxUses !== undefined) dropped.add("tools.web-search.maxUses");
  const filters = { ...(allowedDomains ? { allowed_domains: allowedDomains } : {}), ...(blockedDomains ? { blocked_domains: blockedDomains } : {}) };
  return {
    type: "web_search",
    ...(Object.keys(filters).length > 0 ? { filters } : {}),
    ...(userLocation ? { user_location: { type: "approximate", ...userLocation } } : {}),
    ...(contextSize === undefined ? {} : { search_context_size: contextSize }),
    ...ownOfSearch(tool, "openai-responses", dropped),
  };
}

/** What other dialects call the tools that OpenAI runs, when a choice names one. */
const HOSTED_NAMES: Record<string, string> = table({ web_search: "web_search", code_execution: "code_interpreter" });

/** `tool_choice` as OpenAI words it. */
export function encodeToolChoice(choice: ToolChoice, tools: ReadonlyMap<string, Tool>): unknown {
  if (choice.mode === "tool") {
    const one = named(choice.name, tools);
    // A hosted tool cannot be forced by name (SDK type `ToolChoiceTypes`), but it can be the only one allowed.
    return one["name"] === undefined ? { type: "allowed_tools", mode: "required", tools: [one] } : one;
  }
  if (choice.mode !== "allowed") return choice.mode;
  return { type: "allowed_tools", mode: choice.required ? "required" : "auto", tools: choice.names.map((name) => named(name, tools)) };
}

function named(name: string, tools: ReadonlyMap<string, Tool>): Wire {
  const tool = tools.get(name);
  const hosted = tool ? undefined : HOSTED_NAMES[name];
  if (hosted !== undefined) return { type: hosted };
  const namespace = tool && "namespace" in tool ? tool.namespace : undefined;
  return { type: tool?.type === "custom" ? "custom" : "function", name: namespace?.tool ?? name, ...(namespace ? { namespace: namespace.name } : {}) };
}
