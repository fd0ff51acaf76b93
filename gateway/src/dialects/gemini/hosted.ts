import { objectOf, parseJson, textOf } from "../canonical/fields.ts";
import { codeOf } from "../canonical/hosted-code.ts";
import type { HostedCallPart, HostedResultPart } from "../canonical/parts.ts";

type Words = Record<string, unknown>;

/** `executableCode` (SDK type) as a call of the code tool. */
export function readCode(code: Words, id: string): HostedCallPart {
  const language = textOf(code["language"], "PYTHON").toLowerCase();
  return { type: "hosted-call", id, tool: "code-execution", name: "code_execution", input: JSON.stringify({ code: textOf(code["code"], "") }), language };
}

/** `codeExecutionResult` (SDK type; outcomes OUTCOME_OK, OUTCOME_FAILED, OUTCOME_DEADLINE_EXCEEDED). */
export function readCodeResult(result: Words, callId: string): HostedResultPart {
  const outcome = textOf(result["outcome"], "OUTCOME_OK");
  const part: HostedResultPart = { type: "hosted-result", callId, tool: "code-execution", output: textOf(result["output"], "") };
  return outcome === "OUTCOME_OK" ? part : { ...part, isError: true, errorCode: outcome };
}

/** A call of the code tool as `executableCode`; undefined for other tools and for calls that hold no code. */
export function writeCode(part: HostedCallPart): Words | undefined {
  if (part.tool !== "code-execution") return undefined;
  const found = codeOf(part);
  if (!found) return undefined;
  return { executableCode: { id: part.id, language: (found.language ?? "python").toUpperCase() === "PYTHON" ? "PYTHON" : "LANGUAGE_UNSPECIFIED", code: found.code } };
}

export function writeCodeResult(part: HostedResultPart): Words | undefined {
  if (part.tool !== "code-execution") return undefined;
  const outcome = part.isError ? (part.errorCode === "OUTCOME_DEADLINE_EXCEEDED" ? part.errorCode : "OUTCOME_FAILED") : "OUTCOME_OK";
  return { codeExecutionResult: { id: part.callId, outcome, output: part.output ?? "" } };
}

/** The query of a search call or the address of a fetch, whatever its vendor called it. */
export function textsOfInput(part: HostedCallPart): string[] {
  const parsed = parseJson(part.input);
  if (typeof parsed === "string") return [parsed];
  const input = objectOf(parsed);
  const several = input["queries"];
  if (Array.isArray(several) && several.length > 0) return several.filter((query): query is string => typeof query === "string");
  const one = input["query"] ?? input["url"];
  return typeof one === "string" && one !== "" ? [one] : [];
}
