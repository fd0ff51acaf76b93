import { refuseSchema } from "../canonical/depth.ts";
import type { CanonicalRequest, Tool, ToolChoice } from "../canonical/request.ts";
import { invalid, Members } from "./members.ts";
import { fromSchemaSubset } from "./schema-json.ts";

/** More functions than this in one request is a mistake: the largest agents offer some hundreds. */
const FUNCTIONS_MAX = 2_048;

type Own = Map<string, unknown>;

/** `tools` (SDK type Tool): one object may hold several tools. Members without a canonical form go to `own` under their path. */
export function decodeTools(body: Members, own: Own): Tool[] | undefined {
  const list = body.list("tools");
  if (!list || list.length === 0) return undefined;
  const tools = list.flatMap((item, index) => decodeTool(Members.of(item, `tools[${index}]`), own));
  const names = tools.flatMap((tool) => (tool.type === "function" ? [tool.name] : []));
  if (names.length > FUNCTIONS_MAX) throw invalid("tools", `may declare ${FUNCTIONS_MAX} functions at most.`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw invalid("tools", `declare the function "${twice}" twice.`);
  return tools;
}

function decodeTool(tool: Members, own: Own): Tool[] {
  const tools: Tool[] = (tool.list("functionDeclarations") ?? []).map((item, index) =>
    decodeFunction(Members.of(item, `${tool.path}.functionDeclarations[${index}]`), own),
  );
  const search = tool.object("googleSearch");
  if (search) {
    const blocked = search.texts("excludeDomains");
    tools.push(blocked ? { type: "web-search", blockedDomains: blocked } : { type: "web-search" });
    for (const [name, value] of search.rest()) own.set(`tools.googleSearch.${name}`, value);
  }
  const retrieval = tool.object("googleSearchRetrieval");
  if (retrieval) {
    if (!search) tools.push({ type: "web-search" });
    const dynamic = retrieval.value("dynamicRetrievalConfig");
    if (dynamic !== undefined) own.set("tools.googleSearchRetrieval.dynamicRetrievalConfig", dynamic);
    for (const [name, value] of retrieval.rest()) own.set(`tools.googleSearchRetrieval.${name}`, value);
  }
  if (tool.object("codeExecution")) tools.push({ type: "code-execution" });
  if (tool.object("urlContext")) tools.push({ type: "url-context" });
  for (const [name, value] of tool.rest()) tools.push({ type: "opaque", dialect: "gemini", name, value });
  return tools;
}

function decodeFunction(declaration: Members, own: Own): Tool {
  const name = declaration.text("name");
  if (name === undefined || name === "") throw invalid(declaration.at("name"), "is missing.");
  const tool: Tool = { type: "function", name };
  const description = declaration.text("description");
  if (description !== undefined) tool.description = description;
  const subset = declaration.value("parameters");
  const json = declaration.value("parametersJsonSchema");
  if (subset !== undefined && json !== undefined) throw invalid(declaration.at("parametersJsonSchema"), "and parameters exclude each other.");
  if (subset !== undefined) {
    Members.of(subset, declaration.at("parameters"));
    refuseSchema(subset, declaration.at("parameters"));
    tool.parameters = fromSchemaSubset(subset);
  } else if (json !== undefined) {
    if (typeof json !== "boolean") Members.of(json, declaration.at("parametersJsonSchema"));
    refuseSchema(json, declaration.at("parametersJsonSchema"));
    tool.parameters = json as Record<string, unknown> | boolean;
  }
  for (const [member, value] of declaration.rest()) own.set(`tools.functionDeclarations.${name}.${member}`, value);
  return tool;
}

/** `toolConfig.functionCallingConfig` (SDK type FunctionCallingConfig). VALIDATED is auto with arguments held to the schema: `strict` tools. */
export function decodeToolConfig(body: Members, request: CanonicalRequest, own: Own): void {
  const config = body.object("toolConfig");
  if (!config) return;
  const calling = config.object("functionCallingConfig");
  if (calling) {
    const choice = decodeChoice(calling, request);
    if (choice) request.toolChoice = choice;
    for (const [name, value] of calling.rest()) own.set(`toolConfig.functionCallingConfig.${name}`, value);
  }
  for (const [name, value] of config.rest()) own.set(`toolConfig.${name}`, value);
}

function decodeChoice(calling: Members, request: CanonicalRequest): ToolChoice | undefined {
  const mode = calling.text("mode")?.toUpperCase() ?? "MODE_UNSPECIFIED";
  const names = calling.texts("allowedFunctionNames") ?? [];
  const declared = new Set((request.tools ?? []).flatMap((tool) => (tool.type === "function" ? [tool.name] : [])));
  const unknown = names.find((name) => !declared.has(name));
  if (unknown !== undefined) throw invalid(calling.at("allowedFunctionNames"), `names "${unknown}", which no tool declares.`);
  const [only] = names;
  switch (mode) {
    case "ANY":
      if (only === undefined) return { mode: "required" };
      return names.length === 1 ? { mode: "tool", name: only } : { mode: "allowed", names, required: true };
    case "VALIDATED":
      for (const tool of request.tools ?? []) if (tool.type === "function") tool.strict = true;
      return only === undefined ? { mode: "auto" } : { mode: "allowed", names, required: false };
    case "NONE":
      return { mode: "none" };
    case "AUTO":
    case "MODE_UNSPECIFIED":
      if (only !== undefined) throw invalid(calling.at("allowedFunctionNames"), "is taken with mode ANY or VALIDATED only.");
      return mode === "AUTO" ? { mode: "auto" } : undefined;
    default:
      throw invalid(calling.at("mode"), "must be AUTO, ANY, NONE or VALIDATED.");
  }
}
