import { objectOf } from "../canonical/fields.ts";
import type { TokenLogprob } from "../canonical/response.ts";

type Words = Record<string, unknown>;

const listOf = (value: unknown): Words[] => (Array.isArray(value) ? value.map(objectOf) : []);

function readToken(value: Words): { token: string; logprob: number } | undefined {
  const [token, logprob] = [value["token"], value["logProbability"] ?? 0];
  return typeof token === "string" && typeof logprob === "number" ? { token, logprob } : undefined;
}

/** `logprobsResult` (SDK type LogprobsResult); undefined when there is none. */
export function readLogprobs(value: unknown): TokenLogprob[] | undefined {
  const result = objectOf(value);
  const top = listOf(result["topCandidates"]);
  const tokens: TokenLogprob[] = [];
  for (const [at, chosen] of listOf(result["chosenCandidates"]).entries()) {
    const token = readToken(chosen);
    if (!token) continue;
    const beside = listOf(top[at]?.["candidates"]).map(readToken).filter((other) => other !== undefined);
    tokens.push(beside.length > 0 ? { ...token, top: beside } : token);
  }
  return tokens.length > 0 ? tokens : undefined;
}

const writeToken = ({ token, logprob }: { token: string; logprob: number }): Words => ({ token, logProbability: logprob });

export function writeLogprobs(tokens: TokenLogprob[]): Words {
  const result: Words = { chosenCandidates: tokens.map(writeToken) };
  if (tokens.some((token) => token.top)) result["topCandidates"] = tokens.map((token) => ({ candidates: (token.top ?? []).map(writeToken) }));
  return result;
}
