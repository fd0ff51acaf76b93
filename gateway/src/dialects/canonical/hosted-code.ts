import { objectOf, parseJson } from "./fields.ts";
import type { HostedCallPart } from "./parts.ts";

/**
 * The code of a call of a code tool, whatever its vendor called it: the input itself, `code` (all), a shell's `command` (Anthropic `bash_code_execution`), or what an editor does
 * with a file (`text_editor_code_execution`: view, create, str_replace). Undefined for an object that holds none.
 */
export function codeOf(call: Pick<HostedCallPart, "input" | "language">): { code: string; language: string | undefined } | undefined {
  const parsed = parseJson(call.input);
  if (typeof parsed === "string") return { code: parsed, language: call.language };
  if (typeof parsed !== "object" || parsed === null) return { code: call.input, language: call.language };
  const { code, command, path, ...more } = objectOf(parsed);
  if (typeof code === "string") return { code, language: call.language };
  if (typeof command !== "string") return undefined;
  if (typeof path !== "string") return { code: command, language: call.language ?? "bash" };
  const texts = Object.values(more).filter((text) => typeof text === "string");
  return { code: [`${command} ${path}`, ...texts].join("\n"), language: call.language ?? "text" };
}
