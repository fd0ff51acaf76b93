/** Other processes hear of changes this much later, many at once. Far below what a waiting caller may wait (50 ms). */
const GATHERED_MS = 15;
/** Ids of one word: it may have 8,000 bytes (PostgreSQL, NOTIFY), and the longest id has some 60. */
const IDS_MAX = 100;

/** Tells of tasks that have changed: who waits in this process at once, other processes a little later. Words may be lost with a process or the database: who waits looks again. */
export class News {
  private readonly waiting = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private telling: Promise<void> = Promise.resolve();

  constructor(
    private readonly here: (id: string) => void,
    private readonly elsewhere: (ids: readonly string[]) => Promise<void>,
  ) {}

  tell(ids: readonly string[]): void {
    for (const id of ids) {
      this.here(id);
      this.waiting.add(id);
    }
    if (this.waiting.size > 0) this.timer ??= setTimeout(() => this.send(), GATHERED_MS);
  }

  /** Resolves when nothing is left to be told. */
  stop(): Promise<void> {
    clearTimeout(this.timer);
    this.send();
    return this.telling;
  }

  private send(): void {
    this.timer = undefined;
    const ids = [...this.waiting];
    this.waiting.clear();
    for (let from = 0; from < ids.length; from += IDS_MAX) {
      const part = ids.slice(from, from + IDS_MAX);
      this.telling = this.telling.then(() => this.elsewhere(part)).catch(() => undefined);
    }
  }
}
