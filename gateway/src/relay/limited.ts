import type { DialectId } from "../dialects/canonical/dialect.ts";
import { completionTokens, promptTokens, type Usage } from "../dialects/canonical/usage.ts";
import type { Pass, Refused } from "../limits/limit-book.ts";
import type { Meter } from "../limits/meter.ts";
import { type RateHeaderStyle, rateHeaders } from "../limits/rate-headers.ts";
import { limitError } from "../limits/refusal.ts";
import type { Demand } from "../limits/rule.ts";
import { standingOf } from "../limits/standing.ts";
import type { RelayCall, RelayServices } from "./call.ts";

/** Whose rate headers callers of a dialect read: OpenAI's, unless told otherwise. */
const HEADER_STYLES: Partial<Record<DialectId, RateHeaderStyle>> = { "anthropic-messages": "anthropic", gemini: "none", "gemini-embeddings": "none" };

/** Takes what a request needs of its limits; what is left of them goes into the headers of the answer. Throws GatewayError where a limit is met: nothing is taken then. */
export async function passLimits(call: RelayCall, meters: readonly Meter[], demand: Demand, services: RelayServices): Promise<Pass> {
  const answer = await services.limits.take(meters, demand);
  const style = HEADER_STYLES[call.dialect.id] ?? "openai";
  const headers = rateHeaders(style, standingOf(meters, services.limits.book.moment()), services.clock.now());
  if (isRefused(answer)) throw limitError(answer, headers);
  call.ownHeaders = { ...call.ownHeaders, ...headers };
  return answer;
}

/** The same where an answer has no headers to tell it in. */
export async function takeRoom(meters: readonly Meter[], demand: Demand, services: RelayServices): Promise<Pass> {
  const answer = await services.limits.take(meters, demand);
  if (isRefused(answer)) throw limitError(answer);
  return answer;
}

export const isRefused = (answer: Pass | Refused): answer is Refused => "refused" in answer;

/** Tokens of a usage as limits count them: all that was read, from a cache too, and all that was written. */
export const limitTokens = (usage: Usage): number => promptTokens(usage) + completionTokens(usage);
