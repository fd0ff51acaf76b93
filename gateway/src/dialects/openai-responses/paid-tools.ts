import { objectOf } from "../canonical/fields.ts";
import { type Drawn, tokenCount, type Usage } from "../canonical/usage.ts";
import { isWebSearch } from "./usage.ts";

type Wire = Record<string, unknown>;

/** What draws where the tool `image_generation` names no model (SDK type `Tool.ImageGeneration`). */
export const USUAL_DRAWER = "gpt-image-1";
/** Far beyond a picture of any size and quality: more tokens for one are a fault of the report. */
const PICTURE_TOKENS_MAX = 50_000;
/** A container's memory decides its price, which is that of so many with 1 GB (pricing page: $0.03, $0.12, $0.48, $1.92). */
const SIZES = new Map([["1g", 1], ["4g", 4], ["16g", 16], ["64g", 64]]);

/** Items that tell of a paid call; of events only those with one of these words are parsed. */
export const PAID_ITEM = /"(?:web_search_call|file_search_call|code_interpreter_call|shell_call)"/;

/** As much of an item as decides what is paid: the rest may hold files. */
export const paidMembers = ({ type, action, container_id, environment }: Wire): Wire => ({ type, action, container_id, environment });

/** Calls of the vendor's tools that are paid beside the tokens, among an answer's finished items. `tools`: as the response repeats them. A container is paid once in an answer, however much ran in it. */
export function paidCalls(items: unknown, tools?: unknown): Usage {
  if (!Array.isArray(items)) return {};
  const calls = { webSearch: 0, fileSearch: 0 };
  const containers = new Set<unknown>();
  for (const item of items.map(objectOf)) {
    if (isWebSearch(item)) calls.webSearch += 1;
    if (item["type"] === "file_search_call") calls.fileSearch += 1;
    if (item["type"] === "code_interpreter_call") containers.add(item["container_id"]);
    const place = objectOf(item["environment"]);
    if (item["type"] === "shell_call" && place["type"] === "container_reference") containers.add(place["container_id"]);
  }
  const codeContainer = containers.size * containerSize(tools);
  return Object.fromEntries(Object.entries({ ...calls, codeContainer }).filter(([, units]) => units > 0));
}

/** What a request's tools may use at least once, for the hold. */
export function expectedCalls(tools: unknown): Usage {
  const types = new Set(Array.isArray(tools) ? tools.map((tool) => objectOf(tool)["type"]) : []);
  return { ...(types.has("file_search") ? { fileSearch: 1 } : {}), ...(types.has("code_interpreter") ? { codeContainer: containerSize(tools) } : {}) };
}

/** The model that the tool `image_generation` draws with; undefined without that tool. */
export function drawerOf(tools: unknown): string | undefined {
  const tool = Array.isArray(tools) ? tools.map(objectOf).find(({ type }) => type === "image_generation") : undefined;
  return tool && (typeof tool["model"] === "string" ? tool["model"] : USUAL_DRAWER);
}

/** Pictures that a response's tool has drawn: they stand in its `tool_usage` alone, and cost what they cost at the model that drew them. */
export function drawnIn(response: Wire): Drawn | undefined {
  const told = objectOf(objectOf(response["tool_usage"])["image_gen"]);
  const output = Array.isArray(response["output"]) ? response["output"].map(objectOf).filter(({ type }) => type === "image_generation_call").length : 0;
  const most = Math.max(output, 1) * PICTURE_TOKENS_MAX;
  const [input, outputImage] = [tokenCount(told["input_tokens"]), tokenCount(told["output_tokens"])].map((tokens) => Math.min(tokens, most)) as [number, number];
  if (input + outputImage === 0) return undefined;
  const inputImage = Math.min(tokenCount(objectOf(told["input_tokens_details"])["image_tokens"]), input);
  return { model: drawerOf(response["tools"]) ?? USUAL_DRAWER, usage: { input: input - inputImage, inputImage, outputImage } };
}

function containerSize(tools: unknown): number {
  const sizes = (Array.isArray(tools) ? tools.map(objectOf) : []).flatMap((tool) => [objectOf(tool["container"])["memory_limit"], objectOf(tool["environment"])["memory_limit"]]);
  return Math.max(1, ...sizes.map((size) => SIZES.get(String(size)) ?? 1));
}
