import { GatewayError } from "../../errors/gateway-error.ts";

/** So many things at a time; the others wait in line, and the line has an end. */
export class Slots {
  private free: number;
  private readonly line: (() => void)[] = [];

  constructor(
    atOnce: number,
    private readonly lineMax: number,
  ) {
    this.free = atOnce;
  }

  get waiting(): number {
    return this.line.length;
  }

  /**
   * Runs `work` when there is room. `race` gives up waiting (Stop.race). Throws GatewayError (rateLimited) when the line is full.
   */
  async run<T>(work: () => Promise<T>, race: <U>(wanted: Promise<U>) => Promise<U>): Promise<T> {
    if (this.free === 0) await this.wait(race);
    else this.free -= 1;
    try {
      return await work();
    } finally {
      this.pass();
    }
  }

  private async wait(race: <U>(wanted: Promise<U>) => Promise<U>): Promise<void> {
    if (this.line.length >= this.lineMax) throw new GatewayError("rateLimited", { publicText: "Too many media downloads are under way at the moment." });
    const { promise, resolve } = Promise.withResolvers<void>();
    let served = false;
    const turn = (): void => {
      served = true;
      resolve();
    };
    this.line.push(turn);
    try {
      await race(promise);
    } catch (error) {
      const index = this.line.indexOf(turn);
      if (index >= 0) this.line.splice(index, 1);
      // Its turn came in the same moment as the end: the room goes to the next.
      else if (served) this.pass();
      throw error;
    }
  }

  /** The room goes to the next in line, or is free. */
  private pass(): void {
    const next = this.line.shift();
    if (next) next();
    else this.free += 1;
  }
}
