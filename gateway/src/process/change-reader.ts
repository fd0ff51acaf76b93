/** Changes read at once: few, since each takes a connection of the pool that requests need as well. */
const AT_ONCE = 4;
/** With more than these waiting (an import, an organisation's end), everything is read again instead of one after the other. */
const WAITING_MAX = 500;

/**
 * Reads what the database says has changed, a few at a time; one that is told again while it is read is read again. A change that could not be read may be a key's end: then everything is read again, until that succeeds.
 */
export class ChangeReader {
  private readonly waiting = new Set<string>();
  private readonly reading = new Set<string>();
  private all: "no" | "wanted" | "reading" = "no";

  /** `pause`: the wait before everything is tried again. */
  constructor(
    private readonly read: (message: string) => Promise<void>,
    private readonly readAll: () => Promise<unknown>,
    private readonly failed: (error: unknown, message: string) => void,
    private readonly pause: () => Promise<void>,
  ) {}

  told(message: string): void {
    this.waiting.add(message);
    if (this.waiting.size > WAITING_MAX) this.everything();
    else this.next();
  }

  /** What was told is not known: all is read. */
  everything(): void {
    this.waiting.clear();
    if (this.all === "reading") this.waiting.add("again");
    else this.all = "wanted";
    this.next();
  }

  private next(): void {
    if (this.all === "reading") return;
    if (this.all === "wanted") {
      // What is being read may be older than what everything says.
      if (this.reading.size === 0) void this.startAll();
      return;
    }
    for (const message of this.waiting) {
      if (this.reading.size >= AT_ONCE) return;
      if (!this.reading.has(message)) void this.start(message);
    }
  }

  private async start(message: string): Promise<void> {
    this.waiting.delete(message);
    this.reading.add(message);
    try {
      await this.read(message);
    } catch (error) {
      this.failed(error, message);
      this.all = "wanted";
    }
    this.reading.delete(message);
    this.next();
  }

  private async startAll(): Promise<void> {
    this.all = "reading";
    try {
      await this.readAll();
      this.all = "no";
    } catch (error) {
      this.failed(error, "everything");
      await this.pause();
      this.all = "wanted";
    }
    if (this.waiting.delete("again")) this.all = "wanted";
    this.next();
  }
}
