/** What is limited. Spend is in nano-dollars; days and months are those of UTC. */
export const LIMIT_KINDS = ["requestsPerMinute", "tokensPerMinute", "requestsPerDay", "concurrency", "spendPerDay", "spendPerMonth"] as const;
export type LimitKind = (typeof LIMIT_KINDS)[number];

/** Whose use is limited. */
export const LIMIT_SCOPES = ["key", "user", "organisation", "group", "model", "channel"] as const;
export type LimitScope = (typeof LIMIT_SCOPES)[number];

/** In the place of a subject: each one of the scope that has no rule of its own, counted apart. */
export const EVERYONE = "*";

/** The limits of one subject: the id of a key, user or organisation, the name of a group, model or channel. A kind that is absent is not limited; 0 lets nothing through. */
export interface LimitRule {
  scope: LimitScope;
  subject: string;
  /** set by the key's owner, and holding beside the one that an operator has set */
  own?: boolean;
  max: Readonly<Partial<Record<LimitKind, number>>>;
}

/** What a request takes of each kind; what it takes is corrected when it ends. */
export interface Demand {
  requests: number;
  /** estimated, of prompt and answer together */
  tokens: number;
  /** of these, what will be used in any case: the prompt. What is only assumed of an answer must not make a small limit refuse everything */
  leastTokens?: number;
  /** expected, nano-dollars */
  spendNano: number;
  concurrent: number;
}

/** Units that a demand takes of a limit. An estimate beyond the limit takes all of it. */
export function unitsOf(demand: Demand, { kind, max }: { kind: LimitKind; max: number }): number {
  if (kind === "concurrency") return demand.concurrent;
  if (kind === "tokensPerMinute") return Math.min(demand.tokens, Math.max(max, demand.leastTokens ?? demand.tokens));
  return kind === "spendPerDay" || kind === "spendPerMonth" ? demand.spendNano : demand.requests;
}
