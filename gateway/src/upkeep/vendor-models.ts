/** Members in which vendors keep their list: OpenAI and Anthropic `data`, Gemini and Cohere `models`. */
const LISTS = ["data", "models"];
/** Members that name a model, the vendor's id first. */
const NAMES = ["id", "name", "model", "model_id"];

/** Names of models in a vendor's list, whichever of the usual forms it has; empty where it is none. Pure. */
export function modelNamesIn(answer: unknown): string[] {
  const list: unknown = Array.isArray(answer) ? answer : LISTS.map((name) => memberOf(answer, name)).find((member) => Array.isArray(member));
  if (!Array.isArray(list)) return [];
  const names = list.flatMap((entry: unknown) => {
    const name = typeof entry === "string" ? entry : NAMES.map((member) => memberOf(entry, member)).find((member) => typeof member === "string" && member !== "");
    return typeof name === "string" ? [name.replace(/^(?:publishers\/[^/]+\/)?models\//, "")] : [];
  });
  return [...new Set(names)].toSorted((a, b) => a.localeCompare(b));
}

const memberOf = (value: unknown, name: string): unknown => (typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined);
