import { table } from "../../table.ts";

/** What features are called in Anthropic's Messages API, for reports of what a target cannot express (see CanonicalRequest.fields). */
export const FIELD_NAMES: Readonly<Record<string, string>> = table({
  toolChoice: "tool_choice",
  parallelToolCalls: "tool_choice.disable_parallel_tool_use",
  format: "output_config.format",
  reasoning: "output_config.effort",
  maxOutputTokens: "max_tokens",
  topP: "top_p",
  topK: "top_k",
  stop: "stop_sequences",
  user: "metadata.user_id",
  serviceTier: "service_tier",
  "parts.image": "image",
  "parts.file": "document",
  // The model reads a document's title: elsewhere a file's name is decoration, and no dialect but this has a name for losing it.
  "parts.file.name": "document.title",
  "parts.file.citable": "citations.enabled",
  "tools.web-search": "web_search",
  "tools.web-search.maxUses": "max_uses",
  "tools.web-search.allowedDomains": "allowed_domains",
  "tools.web-search.blockedDomains": "blocked_domains",
  "tools.web-search.userLocation": "user_location",
  "tools.code-execution": "code_execution",
  "tools.url-context": "web_fetch",
  "tools.strict": "strict",
  "tools.parameters": "input_schema",
  "reasoning.show": "thinking.display",
});
