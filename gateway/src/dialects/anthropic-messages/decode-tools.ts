import { refuseSchema } from "../canonical/depth.ts";
import type { Tool, ToolChoice } from "../canonical/request.ts";
import { defined } from "../canonical/wire-fields.ts";
import { readCacheMark } from "./decode-blocks.ts";
import { fault, listAt, nameAt, objectAt, optionalCount, optionalFlag, optionalObject, optionalText, optionalTexts, textAt, type Words } from "./request-words.ts";

/** More tools than any model takes. */
const TOOLS_MAX = 10_000;
const DOMAINS_MAX = 10_000;
const USES_MAX = 1_000_000;

/** Members of server tools that other dialects have no word for, but that do not change what is asked for. */
const DECORATION = new Set(["type", "name", "cache_control", "allowed_callers", "defer_loading", "strict", "response_inclusion", "use_cache"]);

/** `tools` (SDK: ToolUnion). `own` takes what a tool says beyond the canonical form, by the tool's name. Throws GatewayError. */
export function readTools(value: unknown, own: Words): Tool[] | undefined {
  if (value === undefined || value === null) return undefined;
  const names = new Set<string>();
  return listAt(value, "tools", TOOLS_MAX).map((item, index) => {
    const at = `tools.${index}`;
    const tool = objectAt(item, at);
    refuseSchema(tool, at);
    const name = optionalText(tool["name"], `${at}.name`);
    if (name !== undefined && names.has(name)) throw fault(`${at}.name`, "Tool names must be unique");
    if (name !== undefined) names.add(name);
    const type = optionalText(tool["type"], `${at}.type`) ?? "custom";
    return type === "custom" ? readFunction(tool, at) : readTyped(tool, type, at, own);
  });
}

function readFunction(tool: Words, at: string): Tool {
  const parameters = tool["input_schema"];
  if (parameters === undefined) throw fault(`${at}.input_schema`, "Field required");
  const examples = tool["input_examples"];
  let description = optionalText(tool["description"], `${at}.description`);
  // No other dialect has a place for examples; the model reads them as well in the description.
  if (Array.isArray(examples) && examples.length > 0)
    description = [description, `Examples of input: ${JSON.stringify(examples)}`].filter((text) => text !== undefined).join("\n\n");
  return defined<Tool>({
    type: "function",
    name: nameAt(tool["name"], `${at}.name`),
    description,
    parameters: objectAt(parameters, `${at}.input_schema`),
    strict: optionalFlag(tool["strict"], `${at}.strict`),
    ...readCacheMark(tool, at),
  });
}

function readTyped(tool: Words, type: string, at: string, own: Words): Tool {
  const domains = {
    maxUses: optionalCount(tool["max_uses"], `${at}.max_uses`, 1, USES_MAX),
    allowedDomains: optionalTexts(tool["allowed_domains"], `${at}.allowed_domains`, DOMAINS_MAX),
    blockedDomains: optionalTexts(tool["blocked_domains"], `${at}.blocked_domains`, DOMAINS_MAX),
  };
  if (/^web_search_\d{8}$/.test(type)) {
    const place = optionalObject(tool["user_location"], `${at}.user_location`);
    const where = (member: string): string | undefined => optionalText(place?.[member], `${at}.user_location.${member}`);
    const userLocation = place && defined<Record<string, string>>({ city: where("city"), region: where("region"), country: where("country"), timezone: where("timezone") });
    return defined<Tool>({ type: "web-search", ...domains, userLocation, ...readCacheMark(tool, at) });
  }
  if (/^web_fetch_\d{8}$/.test(type)) {
    const rest = Object.fromEntries(Object.entries(tool).filter(([member, value]) => !DECORATION.has(member) && value !== null));
    if (Object.keys(rest).length > 0) own["web_fetch"] = rest;
    return { type: "url-context" };
  }
  if (/^code_execution_\d{8}$/.test(type)) return { type: "code-execution", ...readCacheMark(tool, at) };
  return { type: "opaque", dialect: "anthropic-messages", name: type, value: tool };
}

/** `tool_choice` (SDK: ToolChoice). `serial`: only one call at a time. */
export function readToolChoice(value: unknown): { toolChoice?: ToolChoice; serial?: boolean } {
  const choice = optionalObject(value, "tool_choice");
  if (!choice) return {};
  const serial = optionalFlag(choice["disable_parallel_tool_use"], "tool_choice.disable_parallel_tool_use") === true;
  const type = textAt(choice["type"], "tool_choice.type");
  switch (type) {
    case "auto":
    case "none":
      return { toolChoice: { mode: type }, serial };
    case "any":
      return { toolChoice: { mode: "required" }, serial };
    case "tool":
      return { toolChoice: { mode: "tool", name: nameAt(choice["name"], "tool_choice.name") }, serial };
    default:
      throw fault("tool_choice.type", "Input should be 'auto', 'any', 'tool' or 'none'");
  }
}
