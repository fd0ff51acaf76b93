/**
 * The vendors' prompt caches, shared by all of them. A prompt is a chain of parts; a prefix of the chain that was seen before,
 * and has not expired, counts as cached. Kept in memory, oldest out first.
 */

/** Entries kept at most; one takes about 100 bytes. */
const ENTRIES_MAX = 50_000;

/** Remembers prefixes until they expire. */
export interface PromptCache {
  /** Takes a prefix's key and the time (Unix ms); tells whether it is still known, and if so renews it. */
  has(key: string, now: number): boolean;
  /** Takes a prefix's key, the time (Unix ms) and how long to keep it (ms). */
  put(key: string, now: number, life: number): void;
  clear(): void;
}

/** Gives an empty cache. */
export function promptCache(): PromptCache {
  const entries = new Map<string, { until: number; life: number }>();
  return {
    has(key, now) {
      const entry = entries.get(key);
      if (!entry || entry.until <= now) return false;
      entry.until = now + entry.life;
      return true;
    },
    put(key, now, life) {
      entries.delete(key);
      entries.set(key, { until: now + life, life });
      if (entries.size > ENTRIES_MAX)
        for (const oldest of entries.keys()) {
          entries.delete(oldest);
          break;
        }
    },
    clear: () => entries.clear(),
  };
}

/** Shortest prefix that is cached without being asked to (tokens), and the step above it: OpenAI and Gemini documentation. */
export const IMPLICIT_MIN = 1024;
const IMPLICIT_STEP = 128;
/** Implicit entries live five to ten minutes (OpenAI documentation); here always five, in ms. */
const IMPLICIT_LIFE = 300_000;

/**
 * Takes the cache, whose prompts these are (credential and model), the prompt's tokens and the time (Unix ms); gives how many
 * leading tokens were cached, and remembers this prompt.
 */
export function implicitlyCached(cache: PromptCache, owner: string, tokens: string[], now: number): number {
  let cached = 0;
  let chain = Bun.hash(owner);
  let from = 0;
  for (let end = IMPLICIT_MIN; end <= tokens.length; end += IMPLICIT_STEP) {
    chain = Bun.hash(`${chain}${tokens.slice(from, end).join("")}`);
    from = end;
    const key = `${chain}:${end}`;
    if (cached === end - IMPLICIT_STEP || end === IMPLICIT_MIN) if (cache.has(key, now)) cached = end;
    cache.put(key, now, IMPLICIT_LIFE);
  }
  return cached;
}
