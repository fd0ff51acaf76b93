import { objectOf } from "../canonical/fields.ts";
import type { TokenLogprob } from "../canonical/response.ts";
import { foundIn, numberIn, textIn } from "../canonical/wire-fields.ts";

type Json = Record<string, unknown>;

const bytesIn = (value: unknown): number[] | null => (Array.isArray(value) ? value.filter((byte) => typeof byte === "number") : null);

function oneOf(entry: Json): { token: string; logprob: number; bytes: number[] | null } | undefined {
  const [token, logprob] = [textIn(entry["token"]), numberIn(entry["logprob"])];
  return token === undefined || logprob === undefined ? undefined : { token, logprob, bytes: bytesIn(entry["bytes"]) };
}

/** Entries of `logprobs.content` or `logprobs.refusal` (SDK type ChatCompletionTokenLogprob); what is none is passed over. */
export function readLogprobs(value: unknown): TokenLogprob[] {
  return foundIn(value, (item): TokenLogprob | undefined => {
    const entry = objectOf(item);
    const found = oneOf(entry);
    const top = foundIn(entry["top_logprobs"], (inner) => oneOf(objectOf(inner)));
    return found && top.length > 0 ? { ...found, top } : found;
  });
}

/** Entries as a caller reads them; every member that the SDK type demands is there. */
export function writeLogprobs(tokens: TokenLogprob[]): Json[] {
  return tokens.map(({ token, logprob, bytes, top }) => ({
    token,
    logprob,
    bytes: bytes ?? null,
    top_logprobs: (top ?? []).map((other) => ({ token: other.token, logprob: other.logprob, bytes: other.bytes ?? null })),
  }));
}
