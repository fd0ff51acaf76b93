/** How a dialect asks for the number of tokens of a prompt, free of charge: pure, values in and values out. */
export interface TokenCounting {
  /** below the vendor's base URL, with `{model}` where the upstream model's name goes */
  path: string;
  /** A caller's question as a request of conversation, which the dialect's codec reads. */
  conversation(body: Record<string, unknown>): Record<string, unknown>;
  /** An encoded request of conversation as a question to the vendor; `model` is its name there, `traits` what is different there. */
  question(body: Record<string, unknown>, model: string, traits: ReadonlySet<string>): Record<string, unknown>;
  /** The vendor's number; undefined when it gives none. */
  read(answer: Record<string, unknown>): number | undefined;
  /** A number as an answer to the caller. */
  answer(tokens: number): Record<string, unknown>;
}

/** A vendor's number of tokens, if it is one. */
export const tokensOf = (value: unknown): number | undefined => (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined);

/** The members of a body that a counter takes; it refuses all others. */
export const membersOf = (body: Record<string, unknown>, taken: readonly string[]): Record<string, unknown> => Object.fromEntries(Object.entries(body).filter(([name]) => taken.includes(name)));
