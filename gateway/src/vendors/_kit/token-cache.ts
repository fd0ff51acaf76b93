/** A token that opens an account for a while. Times are Unix milliseconds. */
export interface Token {
  value: string;
  expiresAt: number;
}

interface Entry {
  token: Token | undefined;
  /** the one exchange under way; all who need its token wait for it */
  pending: Promise<Token> | undefined;
  /** after a failed exchange none is tried before this, so that a broken credential is not asked about by every request */
  retryAt: number;
  failure: unknown;
}

/** A token is renewed this long before its end, so that no request goes out with one that ends on the way. */
export const RENEW_BEFORE_MS = 300_000;
/** Wait after an exchange that failed. */
export const RETRY_AFTER_MS = 5_000;
/** Accounts remembered; the one not used for longest is forgotten first. */
const ENTRIES_MAX = 1_000;

/**
 * Tokens by the credential they were exchanged for. One exchange per credential at a time; a token that still holds is used while its successor
 * is fetched, so that only the first request of all waits.
 */
export class TokenCache {
  private readonly entries = new Map<string, Entry>();

  /** `now` in Unix milliseconds; `exchange` fetches a new token. Rejects with what `exchange` rejects with, when no token holds. */
  async get(key: string, now: number, exchange: () => Promise<Token>): Promise<string> {
    const entry = this.entry(key);
    const { token } = entry;
    if (token && token.expiresAt - RENEW_BEFORE_MS > now) return token.value;
    const usable = token && token.expiresAt > now;
    if (!entry.pending && now < entry.retryAt) {
      if (usable) return token.value;
      throw entry.failure;
    }
    const pending = (entry.pending ??= this.renew(entry, now, exchange));
    if (!usable) return (await pending).value;
    pending.catch(() => undefined);
    return token.value;
  }

  private async renew(entry: Entry, now: number, exchange: () => Promise<Token>): Promise<Token> {
    try {
      const token = await exchange();
      entry.token = token;
      entry.retryAt = 0;
      return token;
    } catch (error) {
      entry.failure = error;
      entry.retryAt = now + RETRY_AFTER_MS;
      throw error;
    } finally {
      entry.pending = undefined;
    }
  }

  private entry(key: string): Entry {
    const known = this.entries.get(key) ?? { token: undefined, pending: undefined, retryAt: 0, failure: undefined };
    this.entries.delete(key);
    this.entries.set(key, known);
    if (this.entries.size > ENTRIES_MAX)
      for (const oldest of this.entries.keys()) {
        this.entries.delete(oldest);
        break;
      }
    return known;
  }
}
