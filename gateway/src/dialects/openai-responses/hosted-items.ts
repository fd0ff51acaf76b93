import { objectOf, parseJson } from "../canonical/fields.ts";
import { codeOf } from "../canonical/hosted-code.ts";
import type { HostedCallPart, HostedResultPart } from "../canonical/parts.ts";

/** Items of OpenAI's own tools that other dialects know too, as canonical parts: the call, and its result where the item tells one. */
export function readHostedItem(item: Record<string, unknown>, id: string): (HostedCallPart | HostedResultPart)[] | undefined {
  const failed = item["status"] === "failed" ? { isError: true } : {};
  switch (item["type"]) {
    case "web_search_call": {
      const { type: _type, sources, queries, ...action } = objectOf(item["action"]);
      // `query` is the old name of `queries`; either may be missing.
      const input = action["query"] === undefined && Array.isArray(queries) ? { ...action, query: words(queries) } : action;
      const found = Array.isArray(sources) ? sources.map(objectOf).flatMap((one) => (typeof one["url"] === "string" ? [{ url: one["url"] }] : [])) : [];
      return [
        { type: "hosted-call", id, tool: "web-search", name: "web_search", input: JSON.stringify(input) },
        ...(found.length > 0 || "isError" in failed ? [{ type: "hosted-result" as const, callId: id, tool: "web-search" as const, sources: found, ...failed }] : []),
      ];
    }
    case "code_interpreter_call": {
      const code = typeof item["code"] === "string" ? item["code"] : "";
      const outputs = Array.isArray(item["outputs"]) ? item["outputs"].map(objectOf) : [];
      const output = outputs.map((one) => (typeof one["logs"] === "string" ? one["logs"] : typeof one["url"] === "string" ? `![image](${one["url"]})` : "")).join("\n");
      return [
        { type: "hosted-call", id, tool: "code-execution", name: "code_interpreter", input: JSON.stringify({ code }), language: "python" },
        ...(outputs.length > 0 || "isError" in failed ? [{ type: "hosted-result" as const, callId: id, tool: "code-execution" as const, output, ...failed }] : []),
      ];
    }
    case "file_search_call": {
      const results = Array.isArray(item["results"]) ? item["results"].map(objectOf) : [];
      const output = results.map((one) => [one["filename"], one["text"]].filter((word) => typeof word === "string").join(": ")).join("\n\n");
      return [
        { type: "hosted-call", id, tool: "file-search", name: "file_search", input: JSON.stringify({ queries: Array.isArray(item["queries"]) ? item["queries"] : [] }) },
        ...(results.length > 0 ? [{ type: "hosted-result" as const, callId: id, tool: "file-search" as const, output }] : []),
      ];
    }
    default:
      return undefined;
  }
}

/** The id that the item of a hosted call has here: OpenAI refuses input whose ids do not begin with the item's own letters. */
function hostedItemId(call: { id: string; tool: HostedCallPart["tool"] }): string {
  const prefix = call.tool === "code-execution" ? "ci_" : call.tool === "file-search" ? "fs_" : "ws_";
  return call.id.startsWith(prefix) ? call.id : prefix + call.id.replaceAll(/[^\w-]/g, "_");
}

/** A hosted call as OpenAI's item. A page that was fetched is a search's `open_page`. `status`: where it stands. */
export function writeHostedItem(call: HostedCallPart, result: HostedResultPart | undefined, status: string): Record<string, unknown> {
  const id = hostedItemId(call);
  const input = objectOf(parseJson(call.input));
  const ended = result?.isError && status === "completed" ? "failed" : status;
  if (call.tool === "code-execution") {
    const code = codeOf(call)?.code ?? call.input;
    return { id, type: "code_interpreter_call", status: ended, code, container_id: `cntr_${id.slice(3)}`, outputs: result?.output === undefined ? null : [{ type: "logs", logs: result.output }] };
  }
  if (call.tool === "file-search")
    return { id, type: "file_search_call", status: ended, queries: Array.isArray(input["queries"]) ? input["queries"] : [textOfInput(input, call.input)], results: null };
  return { id, type: "web_search_call", status: ended, action: searchAction(call, input, result) };
}

function searchAction(call: HostedCallPart, input: Record<string, unknown>, result: HostedResultPart | undefined): Record<string, unknown> {
  const url = typeof input["url"] === "string" ? input["url"] : undefined;
  if (url !== undefined && typeof input["pattern"] === "string") return { type: "find_in_page", url, pattern: input["pattern"] };
  if (url !== undefined || call.tool !== "web-search") return { type: "open_page", url: url ?? result?.sources?.[0]?.url ?? null };
  const query = textOfInput(input, call.input);
  const sources = result?.sources?.map((source) => ({ type: "url", url: source.url })) ?? [];
  return { type: "search", query, queries: [query], ...(sources.length > 0 ? { sources } : {}) };
}

/** The words of a search, whatever the vendor called them. */
function textOfInput(input: Record<string, unknown>, raw: string): string {
  if (typeof input["query"] === "string") return input["query"];
  const queries = input["queries"] ?? input["web_search_queries"];
  if (Array.isArray(queries)) return words(queries);
  return Object.keys(input).length > 0 || raw.startsWith("{") ? "" : raw;
}

const words = (queries: unknown[]): string => queries.filter((one) => typeof one === "string").join("; ");
