import { objectOf, parseJson, textOf } from "../canonical/fields.ts";
import type { HostedCallPart, HostedResultPart, HostedTool } from "../canonical/parts.ts";
import { hostedIdForClient, hostedIdOfClient } from "./seals.ts";
import { table } from "../../table.ts";

/** Server tools by their name on the wire (SDK: ServerToolUseBlock). Tool search and the advisor exist nowhere else and stay opaque. */
const TOOLS: Record<string, HostedTool> = table({
  web_search: "web-search",
  web_fetch: "web-fetch",
  code_execution: "code-execution",
  bash_code_execution: "code-execution",
  text_editor_code_execution: "code-execution",
});
const NAMES: Partial<Record<HostedTool, string>> = {
  "web-search": "web_search",
  "web-fetch": "web_fetch",
  "url-context": "web_fetch",
  "code-execution": "code_execution",
};
/** The member of the input that a bare text is. */
const INPUT_MEMBERS: Record<string, string> = table({ web_search: "query", web_fetch: "url", code_execution: "code", bash_code_execution: "command" });

type Words = Record<string, unknown>;
type Source = NonNullable<HostedResultPart["sources"]>[number];

/** The name on the wire of a hosted call; undefined for a tool that Anthropic does not have (file search). */
export function hostedName(part: Pick<HostedCallPart, "tool" | "name">): string | undefined {
  return TOOLS[part.name] === part.tool ? part.name : NAMES[part.tool];
}

/** A `server_tool_use` block; undefined when it is no tool that other dialects know. */
export function readHostedCall(block: Words, id: string): HostedCallPart | undefined {
  const name = textOf(block["name"], "");
  const tool = TOOLS[name];
  if (!tool) return undefined;
  return { type: "hosted-call", id: hostedIdOfClient(id), tool, name, input: block["input"] === undefined ? "" : JSON.stringify(block["input"]) };
}

/** The input of a `server_tool_use` block: always an object, whatever the vendor called its query or code. */
function hostedInput(part: HostedCallPart): Words {
  const parsed = parseJson(part.input);
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as Words;
  const text = typeof parsed === "string" ? parsed : part.input;
  return text === "" ? {} : { [INPUT_MEMBERS[hostedName(part) ?? ""] ?? "input"]: text };
}

const failed = (callId: string, tool: HostedTool, content: Words): HostedResultPart => ({
  type: "hosted-result",
  callId,
  tool,
  isError: true,
  errorCode: textOf(content["error_code"], "unavailable"),
});

/** A result block of a server tool; undefined for what has no place outside Anthropic. */
export function readHostedResult(block: Words): HostedResultPart | undefined {
  const callId = hostedIdOfClient(textOf(block["tool_use_id"], ""));
  const content = objectOf(block["content"]);
  const isError = textOf(content["type"], "").endsWith("_error");
  switch (block["type"]) {
    case "web_search_tool_result": {
      if (isError) return failed(callId, "web-search", content);
      const found = Array.isArray(block["content"]) ? block["content"].map(readSource).filter((source) => source !== undefined) : [];
      return { type: "hosted-result", callId, tool: "web-search", sources: found };
    }
    case "web_fetch_tool_result": {
      if (isError) return failed(callId, "web-fetch", content);
      const document = objectOf(content["content"]);
      const [title, source] = [document["title"], objectOf(document["source"])];
      const page: Source = { url: textOf(content["url"], "") };
      if (typeof title === "string") page.title = title;
      const result: HostedResultPart = { type: "hosted-result", callId, tool: "web-fetch", sources: [page] };
      if (source["type"] === "text") result.output = textOf(source["data"], "");
      return result;
    }
    case "text_editor_code_execution_tool_result": {
      if (isError) return { ...failed(callId, "code-execution", content), ...(typeof content["error_message"] === "string" ? { output: content["error_message"] } : {}) };
      // A view tells the file, a replacement its lines, a creation nothing.
      const lines = Array.isArray(content["lines"]) ? content["lines"].filter((line) => typeof line === "string").join("\n") : "";
      return { type: "hosted-result", callId, tool: "code-execution", output: textOf(content["content"], lines) };
    }
    case "code_execution_tool_result":
    case "bash_code_execution_tool_result": {
      if (isError) return failed(callId, "code-execution", content);
      if (typeof content["stdout"] !== "string") return undefined;
      const output = [content["stdout"], textOf(content["stderr"], "")].filter((text) => text !== "").join("\n");
      const result: HostedResultPart = { type: "hosted-result", callId, tool: "code-execution", output };
      if (typeof content["return_code"] === "number" && content["return_code"] !== 0) result.isError = true;
      return result;
    }
    default:
      return undefined;
  }
}

function readSource(value: unknown): Source | undefined {
  const wire = objectOf(value);
  if (typeof wire["url"] !== "string") return undefined;
  const source: Source = { url: wire["url"] };
  if (typeof wire["title"] === "string") source.title = wire["title"];
  if (typeof wire["page_age"] === "string") source.pageAge = wire["page_age"];
  if (typeof wire["encrypted_content"] === "string") source.encrypted = wire["encrypted_content"];
  return source;
}

/** A `server_tool_use` block; undefined for tools that Anthropic does not have. */
export function writeHostedCall(part: HostedCallPart): Words | undefined {
  const name = hostedName(part);
  return name === undefined ? undefined : { type: "server_tool_use", id: hostedIdForClient(part.id), name, input: hostedInput(part) };
}

/** The result block that belongs to a call named `callName` on the wire; undefined for tools that Anthropic does not have. */
export function writeHostedResult(part: HostedResultPart, callName: string | undefined): Words | undefined {
  const name = callName ?? NAMES[part.tool];
  if (name === undefined) return undefined;
  const head = { type: `${name}_tool_result`, tool_use_id: hostedIdForClient(part.callId) };
  if (part.isError && part.output === undefined)
    return { ...head, content: { type: `${name}_tool_result_error`, error_code: part.errorCode ?? "unavailable" } };
  const [first] = part.sources ?? [];
  switch (part.tool) {
    case "web-search":
      return { ...head, content: (part.sources ?? []).map(writeSource) };
    case "web-fetch":
    case "url-context": {
      const source = { type: "text", media_type: "text/plain", data: part.output ?? "" };
      const document = { type: "document", source, title: first?.title ?? null, citations: null };
      return { ...head, content: { type: "web_fetch_result", url: first?.url ?? "", retrieved_at: null, content: document } };
    }
    default:
      if (name === "text_editor_code_execution") return { ...head, content: { type: `${name}_view_result`, content: part.output ?? "", file_type: "text", num_lines: null, start_line: null, total_lines: null } };
      return {
        ...head,
        content: { type: `${name}_result`, stdout: part.output ?? "", stderr: "", return_code: part.isError ? 1 : 0, content: [] },
      };
  }
}

const writeSource = (source: Source): Words => ({
  type: "web_search_result",
  url: source.url,
  title: source.title ?? source.url,
  encrypted_content: source.encrypted ?? "",
  page_age: source.pageAge ?? null,
});
