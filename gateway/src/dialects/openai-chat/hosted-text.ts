import type { HostedCallPart, HostedResultPart } from "../canonical/parts.ts";

/**
 * Code that a vendor ran, as text of the answer: chat completions have no part for it, and the answer often makes no sense without it.
 * Searches show through their citations only.
 */
export function textOfHosted(part: HostedCallPart | HostedResultPart): string {
  if (part.tool !== "code-execution") return "";
  if (part.type === "hosted-call") return codeOf(part) ? `\n\`\`\`${part.language ?? "python"}\n${codeOf(part)}\n\`\`\`\n` : "";
  return part.output ? `\n\`\`\`output\n${part.output}\n\`\`\`\n` : "";
}

/** The code of a call: its input itself, or the member `code` of its JSON (Anthropic `server_tool_use.input`). */
function codeOf(part: HostedCallPart): string {
  if (!part.input.startsWith("{")) return part.input;
  try {
    const input: unknown = JSON.parse(part.input);
    const code = (input as Record<string, unknown>)["code"] ?? (input as Record<string, unknown>)["command"];
    return typeof code === "string" ? code : part.input;
  } catch {
    return part.input;
  }
}
