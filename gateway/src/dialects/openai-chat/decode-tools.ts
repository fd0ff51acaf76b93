import { objectOf } from "../canonical/fields.ts";
import { refuseSchema } from "../canonical/depth.ts";
import { hostedOfChoice } from "../canonical/hosted-choice.ts";
import type { JsonSchema, OutputFormat, Tool, ToolChoice } from "../canonical/request.ts";
import { defined, fault, flagAt, listAt, missing, objectAt, required, textAt, wordAt } from "../canonical/wire-fields.ts";
import { table } from "../../table.ts";

type Json = Record<string, unknown>;

/** More tools than anybody offers; OpenAI itself takes 128. */
const TOOLS_MAX = 1_024;
const NAME_LENGTH_MAX = 256;

/** Function names that switch a vendor's hosted tool on (product rule; the same names as in gateways of the One API family). */
const HOSTED_NAMES: Record<string, Tool> = table({
  googleSearch: { type: "web-search" },
  codeExecution: { type: "code-execution" },
  urlContext: { type: "url-context" },
});

export const hostedNameOf = (tool: Tool): string | undefined => Object.keys(HOSTED_NAMES).find((name) => HOSTED_NAMES[name]?.type === tool.type);

/** What the caller called the hosted tools among `tools`, for reports. */
export function hostedFieldsOf(tools: unknown): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const item of Array.isArray(tools) ? (tools as unknown[]) : []) {
    const tool = objectOf(item);
    const name = objectOf(tool["function"])["name"];
    if (tool["type"] === "web_search" || tool["type"] === "web_search_preview") fields["tools.web-search"] = tool["type"];
    else if (typeof name === "string" && Object.hasOwn(HOSTED_NAMES, name)) fields[`tools.${HOSTED_NAMES[name]?.type}`] = name;
  }
  return fields;
}

function schemaAt(value: unknown, at: string): JsonSchema | undefined {
  if (missing(value)) return undefined;
  if (typeof value === "boolean") return value;
  const schema = objectAt(value, at);
  refuseSchema(schema, at);
  return schema;
}

function nameAt(value: unknown, at: string): string {
  const name = required(textAt(value, at), at);
  if (name === "" || name.length > NAME_LENGTH_MAX) throw fault(at, `"${at}" must have 1 to ${NAME_LENGTH_MAX} characters.`);
  return name;
}

function functionAt(inner: Json, at: string): Tool {
  const name = nameAt(inner["name"], `${at}.name`);
  const hosted = HOSTED_NAMES[name];
  if (hosted) return { ...hosted };
  return defined<Tool & { type: "function" }>({
    type: "function",
    name,
    description: textAt(inner["description"], `${at}.description`),
    parameters: schemaAt(inner["parameters"], `${at}.parameters`),
    strict: flagAt(inner["strict"], `${at}.strict`),
    cache: undefined,
  });
}

function toolAt(value: unknown, at: string): Tool {
  const tool = required(objectAt(value, at), at);
  const type = required(textAt(tool["type"], `${at}.type`), `${at}.type`);
  if (type === "function") {
    const found = functionAt(required(objectAt(tool["function"], `${at}.function`), `${at}.function`), `${at}.function`);
    const control = objectOf(tool["cache_control"]);
    return found.type === "function" && control["type"] === "ephemeral" ? { ...found, cache: control["ttl"] === "1h" ? { ttl: "1h" } : {} } : found;
  }
  if (type === "custom") {
    const inner = required(objectAt(tool["custom"], `${at}.custom`), `${at}.custom`);
    return defined<Tool & { type: "custom" }>({
      type,
      name: nameAt(inner["name"], `${at}.custom.name`),
      description: textAt(inner["description"], `${at}.custom.description`),
      format: inner["format"] ?? undefined,
    });
  }
  if (type === "web_search" || type === "web_search_preview") return { type: "web-search" };
  return { type: "opaque", dialect: "openai-chat", name: type, value: tool };
}

/** `web_search_options` (SDK type WebSearchOptions) as a tool. */
function webSearchAt(value: unknown): Tool | undefined {
  const at = "web_search_options";
  const options = objectAt(value, at);
  if (!options) return undefined;
  const place = objectAt(objectAt(options["user_location"], `${at}.user_location`)?.["approximate"], `${at}.user_location.approximate`);
  const placeAt = (name: string): string | undefined => textAt(place?.[name], `${at}.user_location.approximate.${name}`);
  return defined<Tool & { type: "web-search" }>({
    type: "web-search",
    maxUses: undefined,
    allowedDomains: undefined,
    blockedDomains: undefined,
    userLocation: place ? defined<{ city?: string; region?: string; country?: string; timezone?: string }>({ city: placeAt("city"), region: placeAt("region"), country: placeAt("country"), timezone: placeAt("timezone") }) : undefined,
    contextSize: wordAt(options["search_context_size"], `${at}.search_context_size`, ["low", "medium", "high"]),
    cache: undefined,
  });
}

/** All tools of a request: `tools`, the legacy `functions`, `web_search_options`. Two functions of one name are refused. */
export function toolsAt(body: Json): Tool[] | undefined {
  const tools = (listAt(body["tools"], "tools", TOOLS_MAX) ?? []).map((item, index) => toolAt(item, `tools[${index}]`));
  for (const [index, item] of (listAt(body["functions"], "functions", TOOLS_MAX) ?? []).entries())
    tools.push(functionAt(required(objectAt(item, `functions[${index}]`), `functions[${index}]`), `functions[${index}]`));
  const search = webSearchAt(body["web_search_options"]);
  if (search) tools.push(search);
  const seen = new Set<string>();
  for (const tool of tools) {
    const name = tool.type === "function" || tool.type === "custom" ? tool.name : tool.type === "opaque" ? undefined : `hosted ${tool.type}`;
    if (name === undefined) continue;
    if (seen.has(name)) throw fault("tools", `The tool "${name}" is given twice.`);
    seen.add(name);
  }
  return tools.length > 0 ? tools : undefined;
}

/** `tool_choice`, or the legacy `function_call`. */
export function toolChoiceAt(body: Json, tools: Tool[] | undefined): ToolChoice | undefined {
  const choice = choiceAt(body);
  if (!choice) return undefined;
  // Says nothing where nothing is offered; OpenAI refuses it, others take it.
  if (!tools && (choice.mode === "auto" || choice.mode === "none")) return undefined;
  if (!tools) throw fault("tool_choice", '"tool_choice" is only allowed when tools are given.');
  const named = choice.mode === "tool" ? [choice.name] : choice.mode === "allowed" ? choice.names : [];
  for (const name of named)
    if (!hostedOfChoice(name, tools) && !tools.some((tool) => (tool.type === "function" || tool.type === "custom" || tool.type === "opaque") && tool.name === name))
      throw fault("tool_choice", `"tool_choice" names "${name.slice(0, 100)}", which is no function among the tools.`);
  return choice;
}

function choiceAt(body: Json): ToolChoice | undefined {
  const value = body["tool_choice"];
  if (typeof value === "string") return { mode: required(wordAt(value, "tool_choice", ["auto", "none", "required"]), "tool_choice") };
  const choice = objectAt(value, "tool_choice");
  if (choice) {
    const type = required(wordAt(choice["type"], "tool_choice.type", ["function", "custom", "allowed_tools"]), "tool_choice.type");
    if (type === "allowed_tools") return allowedAt(required(objectAt(choice[type], "tool_choice.allowed_tools"), "tool_choice.allowed_tools"));
    return { mode: "tool", name: nameAt(required(objectAt(choice[type], `tool_choice.${type}`), `tool_choice.${type}`)["name"], `tool_choice.${type}.name`) };
  }
  const legacy = body["function_call"];
  if (typeof legacy === "string") return { mode: required(wordAt(legacy, "function_call", ["auto", "none"]), "function_call") };
  const named = objectAt(legacy, "function_call");
  return named ? { mode: "tool", name: nameAt(named["name"], "function_call.name") } : undefined;
}

function allowedAt(allowed: Json): ToolChoice {
  const at = "tool_choice.allowed_tools";
  const mode = required(wordAt(allowed["mode"], `${at}.mode`, ["auto", "required"]), `${at}.mode`);
  const names = required(listAt(allowed["tools"], `${at}.tools`, TOOLS_MAX), `${at}.tools`).map((item, index) => {
    const tool = required(objectAt(item, `${at}.tools[${index}]`), `${at}.tools[${index}]`);
    const inner = objectOf(tool[tool["type"] === "custom" ? "custom" : "function"]);
    return nameAt(inner["name"] ?? tool["name"], `${at}.tools[${index}].function.name`);
  });
  return { mode: "allowed", names, required: mode === "required" };
}

/** `response_format`: text says nothing. */
export function formatAt(value: unknown): OutputFormat | undefined {
  const format = objectAt(value, "response_format");
  if (!format) return undefined;
  const type = required(wordAt(format["type"], "response_format.type", ["text", "json_object", "json_schema"]), "response_format.type");
  if (type === "text") return undefined;
  if (type === "json_object") return { type: "json" };
  const at = "response_format.json_schema";
  const inner = required(objectAt(format["json_schema"], at), at);
  return defined<OutputFormat & { type: "json-schema" }>({
    type: "json-schema",
    schema: schemaAt(inner["schema"], `${at}.schema`) ?? {},
    name: nameAt(inner["name"], `${at}.name`),
    description: textAt(inner["description"], `${at}.description`),
    strict: flagAt(inner["strict"], `${at}.strict`),
  });
}
