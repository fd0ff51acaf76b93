import { CUSTOM_TOOL_SCHEMA } from "../canonical/custom-tool.ts";
import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import type { CanonicalRequest, JsonSchema, Tool } from "../canonical/request.ts";
import { ownOfSearch } from "../canonical/search-tool.ts";
import type { PlacedOwn } from "./own-values.ts";
import { toSchemaSubset } from "./schema-subset.ts";
import type { TargetModel } from "./target-model.ts";

type Words = Record<string, unknown>;
type FunctionTool = Extract<Tool, { type: "function" | "custom" }>;

const isFunction = (tool: Tool): tool is FunctionTool => tool.type === "function" || tool.type === "custom";

/** Tools as Gemini takes them: all functions in one object, each of Google's own tools in another. Undefined without tools. */
export function encodeTools(request: CanonicalRequest, model: TargetModel, own: PlacedOwn["tools"], dropped: DroppedFeatures): Words[] | undefined {
  const functions = (request.tools ?? []).filter(isFunction);
  const written: Words[] = [];
  if (functions.length > 0) written.push({ functionDeclarations: functions.map((tool) => encodeFunction(tool, model, own, dropped)) });
  for (const tool of request.tools ?? []) {
    if (isFunction(tool)) continue;
    if (functions.length > 0 && !model.mixedTools) dropped.add(tool.type === "opaque" ? tool.name : `tools.${tool.type}`);
    else written.push(...encodeHosted(tool, model, own, dropped));
  }
  return written.length > 0 ? written : undefined;
}

function encodeFunction(tool: FunctionTool, model: TargetModel, own: PlacedOwn["tools"], dropped: DroppedFeatures): Words {
  if (tool.type === "custom" && tool.format !== undefined) dropped.add("tools.format");
  const prefix = `functionDeclarations.${tool.name}.`;
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    ...encodeParameters(tool.type === "custom" ? CUSTOM_TOOL_SCHEMA : tool.parameters, model, dropped),
    ...Object.fromEntries(own.filter(([path]) => path.startsWith(prefix)).map(([path, value]) => [path.slice(prefix.length), value])),
  };
}

/** SDK type FunctionDeclaration: `parametersJsonSchema` takes JSON schema, `parameters` the subset; a function without parameters has neither. */
function encodeParameters(schema: JsonSchema | undefined, model: TargetModel, dropped: DroppedFeatures): Words {
  if (schema === undefined) return {};
  if (!model.schemaSubset) return { parametersJsonSchema: typeof schema === "boolean" ? { type: "object" } : schema };
  const { schema: parameters, lost } = toSchemaSubset(schema);
  if (lost.length > 0) dropped.add("tools.parameters");
  // An object without properties is refused.
  return parameters["properties"] === undefined ? {} : { parameters };
}

function encodeHosted(tool: Exclude<Tool, FunctionTool>, model: TargetModel, own: PlacedOwn["tools"], dropped: DroppedFeatures): Words[] {
  switch (tool.type) {
    case "web-search": {
      for (const member of ["maxUses", "allowedDomains", "userLocation", "contextSize"] as const)
        if (tool[member] !== undefined) dropped.add(`tools.web-search.${member}`);
      ownOfSearch(tool, "gemini", dropped);
      const retrieval = under("googleSearchRetrieval.", own);
      if (model.searchRetrieval) return [{ googleSearchRetrieval: retrieval }];
      for (const member of Object.keys(retrieval)) dropped.add(`tools.googleSearchRetrieval.${member}`);
      const search: Words = under("googleSearch.", own);
      if (tool.blockedDomains && model.excludeDomains) search["excludeDomains"] = tool.blockedDomains;
      else if (tool.blockedDomains) dropped.add("tools.web-search.blockedDomains");
      return [{ googleSearch: search }];
    }
    case "code-execution":
      if (tool.container !== undefined) dropped.add("tools.code-execution.container");
      return [{ codeExecution: {} }];
    case "url-context":
      return [{ urlContext: {} }];
    case "opaque":
      if (tool.dialect === "gemini") return [{ [tool.name]: tool.value }];
      dropped.add(tool.name);
      return [];
    default:
      tool satisfies never;
      return [];
  }
}

const under = (prefix: string, own: PlacedOwn["tools"]): Words =>
  Object.fromEntries(own.filter(([path]) => path.startsWith(prefix)).map(([path, value]) => [path.slice(prefix.length), value]));

/** `toolConfig` (SDK type FunctionCallingConfig); undefined where nothing need be said. Strict tools are mode VALIDATED: ANY holds to the schema by itself. */
export function encodeToolConfig(request: CanonicalRequest, model: TargetModel, own: PlacedOwn, dropped: DroppedFeatures): Words | undefined {
  const functions = (request.tools ?? []).filter(isFunction);
  const calling: Words = { ...(functions.length > 0 ? encodeChoice(request, functions, model, dropped) : {}), ...Object.fromEntries(own.functionCallingConfig) };
  if (functions.length === 0 && request.toolChoice && !["auto", "none"].includes(request.toolChoice.mode)) dropped.add("toolChoice");
  const config: Words = { ...(Object.keys(calling).length > 0 ? { functionCallingConfig: calling } : {}), ...Object.fromEntries(own.toolConfig) };
  return Object.keys(config).length > 0 ? config : undefined;
}

function encodeChoice(request: CanonicalRequest, functions: FunctionTool[], model: TargetModel, dropped: DroppedFeatures): Words {
  const choice = request.toolChoice;
  const declared = new Set(functions.map((tool) => tool.name));
  const strict = functions.some((tool) => tool.type === "function" && tool.strict === true);
  if (strict && !model.validatedMode && (choice === undefined || choice.mode === "auto" || (choice.mode === "allowed" && !choice.required))) dropped.add("tools.strict");
  const free = strict && model.validatedMode ? "VALIDATED" : "AUTO";
  if (choice === undefined) return free === "VALIDATED" ? { mode: free } : {};
  switch (choice.mode) {
    case "auto":
      return { mode: free };
    case "none":
      return { mode: "NONE" };
    case "required":
      return { mode: "ANY" };
    case "tool":
      if (declared.has(choice.name)) return { mode: "ANY", allowedFunctionNames: [choice.name] };
      dropped.add("toolChoice");
      return { mode: free };
    case "allowed": {
      const names = choice.names.filter((name) => declared.has(name));
      if (names.length < choice.names.length) dropped.add("toolChoice");
      if (names.length === 0) return { mode: free };
      if (choice.required) return { mode: "ANY", allowedFunctionNames: names };
      if (model.validatedMode) return { mode: "VALIDATED", allowedFunctionNames: names };
      // AUTO takes no names.
      dropped.add("toolChoice");
      return { mode: "AUTO" };
    }
    default:
      choice satisfies never;
      return {};
  }
}
