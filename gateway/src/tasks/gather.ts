interface Waiting<In, Out> {
  item: In;
  resolve(out: Out): void;
  reject(error: unknown): void;
}

/**
 * Gathers what comes while a statement runs, and sends it as the next one: under load a few statements carry everything, at rest each goes at once. `run` answers item by item, in order.
 */
export class Gather<In, Out> {
  private waiting: Waiting<In, Out>[] = [];
  private running = 0;
  private begun = Number.NEGATIVE_INFINITY;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly run: (items: In[]) => Promise<Out[]>,
    /** items of one statement */
    private readonly most: number,
    /** statements at a time */
    private readonly atOnce: number,
    /** statements begin at least this far apart (ms): for what nobody waits for, so that it goes in few */
    private readonly apartMs = 0,
  ) {}

  add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      // What else comes in this turn of the loop goes along.
      if (this.running < this.atOnce && this.timer === undefined) queueMicrotask(() => this.next());
    });
  }

  private next(): void {
    if (this.running >= this.atOnce || this.waiting.length === 0 || this.timer !== undefined) return;
    if (this.apartMs > 0) {
      const early = this.begun + this.apartMs - performance.now();
      if (early > 0) {
        this.timer = setTimeout(() => {
          this.timer = undefined;
          this.next();
        }, early);
        return;
      }
      this.begun = performance.now();
    }
    const batch = this.waiting.splice(0, this.most);
    this.running += 1;
    this.run(batch.map(({ item }) => item))
      .then(
        (answers) => batch.forEach((entry, index) => entry.resolve(answers[index] as Out)),
        (error: unknown) => this.apart(batch, error),
      )
      .finally(() => {
        this.running -= 1;
        this.next();
      });
  }

  /** One item at fault fails no other: each is tried alone. */
  private apart(batch: Waiting<In, Out>[], error: unknown): void {
    if (batch.length === 1) return batch[0]?.reject(error);
    for (const entry of batch) this.run([entry.item]).then(
        ([answer]) => entry.resolve(answer as Out),
        (why: unknown) => entry.reject(why),
      );
  }
}
