import { refuseSchema } from "../canonical/depth.ts";
import { objectOf } from "../canonical/fields.ts";
import type { JsonSchema, OutputFormat, Tool, ToolChoice } from "../canonical/request.ts";
import { fault, list, object, oneOf, optional, text } from "./fault.ts";
import { joinedName } from "./namespaces.ts";

/** More tools than this in one request is a mistake (OpenAI takes 128). */
const TOOLS_MAX = 4_096;
const WEB_SEARCH = /^web_search(_|$)/;
/** Members of a search that other dialects know too. */
const SEARCH_MEMBERS: ReadonlySet<string> = new Set(["type", "filters", "user_location", "search_context_size"]);
type Wire = Record<string, unknown>;

/** Tools of a request (SDK type `Tool`), those of namespaces one by one under joined names. What only OpenAI runs stays opaque. */
export function decodeTools(values: { value: unknown; param: string }[]): Tool[] {
  if (values.length > TOOLS_MAX) throw fault(`"tools" may have ${TOOLS_MAX} entries at most.`, "tools");
  const tools = values.flatMap(({ value, param }) => decodeTool(object(value, param), param));
  const seen = new Set<string>();
  // A deferred tool may be offered again by a search's output.
  return tools.filter((tool) => tool.type === "opaque" || !("name" in tool) || (!seen.has(tool.name) && seen.add(tool.name)));
}

export const toolValues = (tools: unknown): { value: unknown; param: string }[] =>
  tools === undefined || tools === null ? [] : list(tools, "tools", TOOLS_MAX).map((value, index) => ({ value, param: `tools[${index}]` }));

function decodeTool(tool: Wire, param: string): Tool[] {
  const type = text(tool["type"], `${param}.type`);
  if (type === "function") return [decodeFunction(tool, param)];
  if (type === "custom") return [decodeCustom(tool, param)];
  if (type === "namespace") return decodeNamespace(tool, param);
  if (type === "code_interpreter") return [{ type: "code-execution", ...containerOf(tool["container"]) }];
  if (WEB_SEARCH.test(type)) return [decodeWebSearch(tool, param)];
  return [{ type: "opaque", dialect: "openai-responses", name: type, value: tool }];
}

/** A container that is more than a new and empty one. */
function containerOf(container: unknown): { container?: unknown } {
  const { type, ...more } = objectOf(container);
  if (typeof container === "string" || (type === "auto" && Object.values(more).some((value) => value !== null && !(Array.isArray(value) && value.length === 0)))) return { container };
  return {};
}

function decodeFunction(tool: Wire, param: string): Tool & { type: "function" } {
  const description = optional(tool["description"], "string", `${param}.description`);
  const strict = optional(tool["strict"], "boolean", `${param}.strict`);
  const parameters = tool["parameters"];
  return {
    type: "function",
    name: toolName(tool, param),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined || parameters === null ? {} : { parameters: schema(parameters, `${param}.parameters`) }),
    ...(strict === undefined ? {} : { strict }),
  };
}

function decodeCustom(tool: Wire, param: string): Tool & { type: "custom" } {
  const description = optional(tool["description"], "string", `${param}.description`);
  const format = tool["format"];
  return {
    type: "custom",
    name: toolName(tool, param),
    ...(description === undefined ? {} : { description }),
    ...(format === undefined || format === null ? {} : { format: object(format, `${param}.format`) }),
  };
}

function decodeNamespace(group: Wire, param: string): Tool[] {
  const name = toolName(group, param);
  const description = optional(group["description"], "string", `${param}.description`);
  return list(group["tools"], `${param}.tools`, TOOLS_MAX).map((value, index) => {
    const at = `${param}.tools[${index}]`;
    const wire = object(value, at);
    const type = oneOf(wire["type"], ["function", "custom"], `${at}.type`) ?? "function";
    const tool = type === "custom" ? decodeCustom(wire, at) : decodeFunction(wire, at);
    return { ...tool, name: joinedName(name, tool.name), namespace: { name, tool: tool.name, ...(description === undefined ? {} : { description }) } };
  });
}

function toolName(tool: Wire, param: string): string {
  const name = text(tool["name"], `${param}.name`);
  if (name === "") throw fault(`"${param}.name" is empty.`, `${param}.name`);
  return name;
}

function decodeWebSearch(tool: Wire, param: string): Tool {
  const filters = tool["filters"] === undefined || tool["filters"] === null ? {} : object(tool["filters"], `${param}.filters`);
  const allowed = domains(filters["allowed_domains"], `${param}.filters.allowed_domains`);
  // Not in SDK 6.49, but in the vendor's guide for web search.
  const blocked = domains(filters["blocked_domains"], `${param}.filters.blocked_domains`);
  const place = tool["user_location"] === undefined || tool["user_location"] === null ? undefined : object(tool["user_location"], `${param}.user_location`);
  const contextSize = oneOf(tool["search_context_size"], ["low", "medium", "high"], `${param}.search_context_size`);
  const userLocation: Record<string, string> = {};
  for (const name of ["city", "region", "country", "timezone"]) {
    const found = optional(place?.[name], "string", `${param}.user_location.${name}`);
    if (found !== undefined) userLocation[name] = found;
  }
  // What only OpenAI's search can be told, `external_web_access: false` among it; true is what happens anyway.
  const own = Object.fromEntries(Object.entries(tool).filter(([name, value]) => !SEARCH_MEMBERS.has(name) && value !== null && value !== true));
  return {
    type: "web-search",
    ...(Object.keys(own).length > 0 ? { own: { dialect: "openai-responses" as const, values: own } } : {}),
    ...(allowed ? { allowedDomains: allowed } : {}),
    ...(blocked ? { blockedDomains: blocked } : {}),
    ...(place ? { userLocation } : {}),
    ...(contextSize === undefined ? {} : { contextSize }),
  };
}

function domains(value: unknown, param: string): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  return list(value, param, TOOLS_MAX).map((one, index) => text(one, `${param}[${index}]`));
}

/** `tool_choice`; undefined for one that names a tool which only OpenAI runs (the caller keeps that among its own values). */
export function decodeToolChoice(choice: unknown, tools: readonly Tool[]): ToolChoice | undefined {
  if (typeof choice === "string") {
    const mode = oneOf(choice, ["auto", "none", "required"], "tool_choice");
    return mode && { mode };
  }
  const wire = object(choice, "tool_choice");
  const type = text(wire["type"], "tool_choice.type");
  if (type === "function" || type === "custom") return { mode: "tool", name: choiceName(wire, "tool_choice", tools) };
  if (type !== "allowed_tools") return undefined;
  const required = oneOf(wire["mode"], ["auto", "required"], "tool_choice.mode") === "required";
  const names = list(wire["tools"], "tool_choice.tools", TOOLS_MAX).flatMap((one, index) => {
    const tool = object(one, `tool_choice.tools[${index}]`);
    return tool["name"] === undefined ? [] : [choiceName(tool, `tool_choice.tools[${index}]`, tools)];
  });
  return { mode: "allowed", names, required };
}

/** The joined name of the tool meant; a choice gives the namespace or, in practice, often only the inner name. */
function choiceName(wire: Wire, param: string, tools: readonly Tool[]): string {
  const name = text(wire["name"], `${param}.name`);
  const namespace = optional(wire["namespace"], "string", `${param}.namespace`);
  if (namespace !== undefined) return joinedName(namespace, name);
  const named = tools.filter((tool) => tool.type === "function" || tool.type === "custom");
  return (named.find((tool) => tool.name === name) ?? named.find((tool) => tool.namespace?.tool === name))?.name ?? name;
}

/** `text.format` (SDK type `ResponseFormatTextConfig`); undefined for plain text. */
export function decodeFormat(value: unknown): OutputFormat | undefined {
  if (value === undefined || value === null) return undefined;
  const format = object(value, "text.format");
  const type = oneOf(format["type"], ["text", "json_object", "json_schema"], "text.format.type");
  if (type === "json_object") return { type: "json" };
  if (type !== "json_schema") return undefined;
  const name = optional(format["name"], "string", "text.format.name");
  const description = optional(format["description"], "string", "text.format.description");
  const strict = optional(format["strict"], "boolean", "text.format.strict");
  return {
    type: "json-schema",
    schema: schema(format["schema"], "text.format.schema"),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
  };
}

/** A JSON schema: an object or a boolean, not nested without end. */
function schema(value: unknown, param: string): JsonSchema {
  if (typeof value === "boolean") return value;
  const found = object(value, param);
  refuseSchema(found, param);
  return found;
}
