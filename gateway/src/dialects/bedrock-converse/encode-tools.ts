import { CUSTOM_TOOL_SCHEMA } from "../canonical/custom-tool.ts";
import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import { choiceFor } from "../canonical/hosted-choice.ts";
import type { CanonicalRequest, Tool } from "../canonical/request.ts";
import { cachePoint } from "./encode-messages.ts";
import type { ConverseModel } from "./model.ts";

type Words = Record<string, unknown>;
type Offered = Extract<Tool, { type: "function" | "custom" }>;

/** Any object: of a tool of which only the name is known, or of one without parameters. */
const ANY_OBJECT: Words = { type: "object", properties: {} };

/**
 * `toolConfig`, or undefined without tools. `called`: tools that were called before; Converse refuses a conversation with calls whose tools are not offered, so they
 * are. `forced` tells that a call must come.
 */
export function encodeTools(request: CanonicalRequest, called: ReadonlySet<string>, model: ConverseModel, dropped: DroppedFeatures): { config?: Words; forced: boolean } {
  const choice = choiceFor(request, () => undefined, dropped);
  for (const tool of request.tools ?? []) if (!isOffered(tool)) dropped.add(tool.type === "opaque" ? tool.name : `tools.${tool.type}`);
  let offered = (request.tools ?? []).filter(isOffered);
  if (choice?.mode === "allowed") offered = offered.filter((tool) => choice.names.includes(tool.name));
  // There is no "none": without calls in the conversation the tools can be left out.
  if (choice?.mode === "none" && called.size === 0) return { forced: false };
  const known = new Set(offered.map((tool) => tool.name));
  const tools = [...offered.flatMap((tool) => encodeTool(tool, model, dropped)), ...[...called].filter((name) => !known.has(name)).map((name) => ({ toolSpec: { name, inputSchema: { json: ANY_OBJECT } } }))];
  if (tools.length === 0) {
    if (choice && choice.mode !== "auto" && choice.mode !== "none") dropped.add("toolChoice");
    return { forced: false };
  }
  if (request.parallelToolCalls === false) dropped.add("parallelToolCalls");
  const wire = encodeChoice(choice, model, dropped);
  return { config: { tools, ...(wire ? { toolChoice: wire } : {}) }, forced: wire !== undefined && wire["auto"] === undefined };
}

const isOffered = (tool: Tool): tool is Offered => tool.type === "function" || tool.type === "custom";

function encodeTool(tool: Offered, model: ConverseModel, dropped: DroppedFeatures): Words[] {
  if (tool.type === "custom" && tool.format !== undefined) dropped.add("tools.format");
  const schema = tool.type === "custom" ? CUSTOM_TOOL_SCHEMA : tool.parameters;
  const strict = tool.type === "function" && tool.strict === true;
  if (strict && !model.strictTools) dropped.add("tools.strict");
  const spec = {
    toolSpec: {
      name: tool.name,
      // An empty description is refused.
      ...(tool.description ? { description: tool.description } : {}),
      inputSchema: { json: typeof schema === "object" ? schema : ANY_OBJECT },
      ...(strict && model.strictTools ? { strict: true } : {}),
    },
  };
  return tool.type === "function" && tool.cache && model.cachePoints ? [spec, cachePoint(tool.cache, model)] : [spec];
}

function encodeChoice(choice: CanonicalRequest["toolChoice"], model: ConverseModel, dropped: DroppedFeatures): Words | undefined {
  if (choice === undefined || choice.mode === "auto") return undefined;
  if (choice.mode === "none") {
    dropped.add("toolChoice");
    return undefined;
  }
  if (choice.mode === "allowed" && !choice.required) return undefined;
  if (!model.forcedTools) {
    dropped.add("toolChoice");
    return undefined;
  }
  return choice.mode === "tool" ? { tool: { name: choice.name } } : { any: {} };
}
