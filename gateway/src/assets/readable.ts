import type { Opened } from "./storage.ts";

/** A kept file as a Blob of which only what is asked for is read, wherever it lies: a film's index stands at either end, and a bucket is paid by the byte. Only `size`, `type`, `slice` and `arrayBuffer` are its own. */
export const readable = ({ size, body }: Pick<Opened, "size" | "body">, type: string): Blob => new Ranges(body, 0, size, type);

class Ranges extends Blob {
  override readonly size: number;

  constructor(
    private readonly read: Opened["body"],
    private readonly from: number,
    private readonly to: number,
    type: string,
  ) {
    super([], { type });
    this.size = to - from;
  }

  override slice(start = 0, end = this.size): Blob {
    const first = Math.min(start, this.size);
    return new Ranges(this.read, this.from + first, this.from + Math.max(first, Math.min(end, this.size)), this.type);
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return this.size === 0 ? new ArrayBuffer(0) : new Response(this.read(this.from, this.to)).arrayBuffer();
  }
}
