/** Longest function name that every vendor takes (OpenAI, Anthropic and Gemini: 64). */
const NAME_LENGTH_MAX = 64;
/** Characters of the hash that keeps shortened names apart. */
const HASH_LENGTH = 8;

/**
 * One name for a tool in a namespace, for vendors that know no namespaces. Deterministic, so that a call in the conversation's history and the tool itself
 * get the same one. Codex's namespaces end with the separator already (`mcp__server__`).
 */
export function joinedName(namespace: string, tool: string): string {
  const name = namespace.endsWith("__") ? namespace + tool : `${namespace}__${tool}`;
  if (name.length <= NAME_LENGTH_MAX) return name;
  const hash = Bun.hash(name).toString(16).padStart(HASH_LENGTH, "0").slice(-HASH_LENGTH);
  return `${name.slice(0, NAME_LENGTH_MAX - HASH_LENGTH - 1)}_${hash}`;
}
