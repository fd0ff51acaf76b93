import { createHash } from "node:crypto";
import type { VendorDialectId } from "./dialect.ts";
import type { Message, Part } from "./parts.ts";
import type { CanonicalRequest, Tool } from "./request.ts";
import type { CanonicalResponse } from "./response.ts";
import type { StreamPart } from "./stream.ts";

const OPENAI = /^[a-zA-Z0-9_-]{1,64}$/;
/** Names of functions that a vendor takes: OpenAI's API reference, Anthropic's SDK (Tool.name), Bedrock's ToolSpecification, Gemini's FunctionDeclaration. */
const TAKEN: Partial<Record<VendorDialectId, RegExp>> = {
  "openai-chat": OPENAI,
  "openai-responses": OPENAI,
  "bedrock-converse": OPENAI,
  "anthropic-messages": /^[a-zA-Z0-9_-]{1,128}$/,
  gemini: /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/,
};
/** Longest name that every vendor takes, and the part of a hash that keeps names apart which are cut or written otherwise. */
const LENGTH_MAX = 64;
const HASH_LENGTH = 8;

/** A name as the vendor takes it: itself, or one made of it, the same in every turn. */
function fitted(name: string, taken: RegExp): string {
  if (taken.test(name)) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_LENGTH);
  return `${`_${name}`.replaceAll(/[^a-zA-Z0-9_-]/g, "_").slice(/^[a-zA-Z_]/.test(name) ? 1 : 0).slice(0, LENGTH_MAX - HASH_LENGTH - 1)}_${hash}`;
}

const hasName = (tool: Tool): tool is Extract<Tool, { type: "function" | "custom" }> => tool.type === "function" || tool.type === "custom";

/** A request whose functions have names that the vendor takes; the request itself where all have. */
export function withTakenNames(request: CanonicalRequest, vendor: VendorDialectId): CanonicalRequest {
  const taken = TAKEN[vendor];
  if (!taken) return request;
  const unfit = (name: string | undefined): boolean => name !== undefined && !taken.test(name);
  const tools = request.tools ?? [];
  const called = request.messages.some(({ parts }) => parts.some((part) => (part.type === "tool-call" || part.type === "tool-result") && unfit(part.name)));
  if (!called && !tools.some((tool) => hasName(tool) && unfit(tool.name))) return request;
  const renamed = (part: Part): Part => ((part.type === "tool-call" || part.type === "tool-result") && part.name !== undefined ? ({ ...part, name: fitted(part.name, taken) } as Part) : part);
  const { toolChoice } = request;
  return {
    ...request,
    messages: request.messages.map((message): Message => ({ ...message, parts: message.parts.map(renamed) })),
    ...(request.tools ? { tools: tools.map((tool) => (hasName(tool) ? { ...tool, name: fitted(tool.name, taken) } : tool)) } : {}),
    ...(toolChoice?.mode === "tool" ? { toolChoice: { ...toolChoice, name: fitted(toolChoice.name, taken) } } : {}),
    ...(toolChoice?.mode === "allowed" ? { toolChoice: { ...toolChoice, names: toolChoice.names.map((name) => fitted(name, taken)) } } : {}),
  };
}

/** The caller's own names of functions, by the ones that the vendor was told in their place; undefined where there are none. */
export function ownNames(tools: readonly Tool[] | undefined, vendor: VendorDialectId): ReadonlyMap<string, string> | undefined {
  const taken = TAKEN[vendor];
  const others = (tools ?? []).flatMap((tool): [string, string][] => (taken && hasName(tool) && !taken.test(tool.name) ? [[fitted(tool.name, taken), tool.name]] : []));
  return others.length > 0 ? new Map(others) : undefined;
}

const renamedBack = (part: Part, names: ReadonlyMap<string, string>): Part => (part.type === "tool-call" ? { ...part, name: names.get(part.name) ?? part.name } : part);

/** An answer in which calls have the caller's names again. */
export const answerWithOwnNames = (answer: CanonicalResponse, names: ReadonlyMap<string, string>): CanonicalResponse => ({
  ...answer,
  choices: answer.choices.map((choice) => ({ ...choice, parts: choice.parts.map((part) => renamedBack(part, names)) })),
});

/** The same for a part of a stream. */
export function partWithOwnNames(part: StreamPart, names: ReadonlyMap<string, string>): StreamPart {
  return (part.type === "part-start" || part.type === "part-end") && part.part ? ({ ...part, part: renamedBack(part.part, names) } as StreamPart) : part;
}
