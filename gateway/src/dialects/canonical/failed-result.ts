import type { ToolResultPart } from "./parts.ts";

/** What a tool gave back, for dialects without a mark for a tool that failed: then it is said in the first text. */
export function failureInWords({ parts, isError }: Pick<ToolResultPart, "parts" | "isError">): ToolResultPart["parts"] {
  if (!isError) return parts;
  const at = parts.findIndex((part) => part.type === "text");
  const first = parts[at];
  if (first?.type !== "text") return [{ type: "text", text: "Error" }, ...parts];
  return /^\s*error/i.test(first.text) ? parts : parts.with(at, { ...first, text: first.text === "" ? "Error" : `Error: ${first.text}` });
}
