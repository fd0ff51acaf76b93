/** Where the digests of access keys come from: all, or that of one account. */
export interface AccessKeySource {
  all(): Promise<Buffer[]>;
  of(userId: number): Promise<Buffer | undefined>;
}

/** Bytes of a digest that are kept: that two of a million accounts share them is as likely as one in 10^10. */
const KEPT_BYTES = 10;

/**
 * Which access keys there are, in memory: whether a flood of wrong ones needs the database. Only that: a key known here is looked up all the same, and one that is
 * new somewhere else may be unknown here for a moment. About 100 bytes an account.
 */
export class AccessKeys {
  private known = new Set<string>();

  constructor(private readonly source: AccessKeySource) {}

  /** Reads all again. */
  async load(): Promise<void> {
    this.known = new Set((await this.source.all()).map(shortened));
  }

  /** An account was made or changed. A key that it has no more stays known, which costs a look-up. */
  async userChanged(userId: number): Promise<void> {
    const digest = await this.source.of(userId);
    if (digest) this.known.add(shortened(digest));
  }

  knows(digest: Buffer): boolean {
    return this.known.has(shortened(digest));
  }
}

const shortened = (digest: Buffer): string => digest.toString("latin1", 0, KEPT_BYTES);
