import { codeOf } from "../canonical/hosted-code.ts";
import type { HostedCallPart, HostedResultPart } from "../canonical/parts.ts";

/**
 * Code that a vendor ran, as text of the answer: chat completions have no part for it, and the answer often makes no sense without it.
 * Searches show through their citations only.
 */
export function textOfHosted(part: HostedCallPart | HostedResultPart): string {
  if (part.tool !== "code-execution") return "";
  if (part.type === "hosted-result") return part.output ? `\n\`\`\`output\n${part.output}\n\`\`\`\n` : "";
  const { code, language } = codeOf(part) ?? { code: part.input, language: part.language };
  return code ? `\n\`\`\`${language ?? "python"}\n${code}\n\`\`\`\n` : "";
}
