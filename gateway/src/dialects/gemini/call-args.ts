import { wrapCustomInput } from "../canonical/custom-tool.ts";
import { isShallow, parseShallow } from "../canonical/depth.ts";
import { parseJson } from "../canonical/fields.ts";
import type { ToolCallPart } from "../canonical/parts.ts";

type Words = Record<string, unknown>;

/** Protobuf's JSON reader stops at 100 levels; a result nested deeper than this goes as text. */
const OBJECT_DEPTH_MAX = 64;

const isObject = (value: unknown): value is Words => typeof value === "object" && value !== null && !Array.isArray(value);

/** The arguments of a call as the object that `args` must be. Arguments that are no object (a model's broken JSON) go under the name "arguments". */
export function argsOf(call: ToolCallPart): Words {
  const text = call.custom ? wrapCustomInput(call.arguments) : call.arguments;
  if (text.trim() === "") return {};
  const parsed = parseShallow(text);
  return isObject(parsed) ? parsed : { arguments: parsed ?? text };
}

/**
 * A tool's result as `response`. A text that is exactly an object's JSON goes as that object, which the model reads better than escaped text; all else under "output".
 * An object with an "output" or "error" of its own would be misread and stays text (SDK type FunctionResponse).
 */
export function responseOf(text: string, isError: boolean | undefined): Words {
  if (isError) return { error: text };
  const parsed = text.startsWith("{") ? parseJson(text) : undefined;
  if (!isObject(parsed) || Object.hasOwn(parsed, "output") || Object.hasOwn(parsed, "error") || !isShallow(parsed, OBJECT_DEPTH_MAX)) return { output: text };
  return JSON.stringify(parsed) === text ? parsed : { output: text };
}
