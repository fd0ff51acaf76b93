type Wire = Record<string, unknown>;

/**
 * The numbered events of one stream, and the items that its last event repeats. This dialect ends with the whole answer (`response.completed`), so the finished items are
 * kept: memory grows with the answer, whose length the model limits, and not with the number of events.
 */
export class StreamWriter {
  private sequence = 0;
  private text = "";
  /** finished items by their place; holes are items still open */
  private readonly items: Wire[] = [];
  private places = 0;

  event(type: string, members: Wire): void {
    this.text += `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.sequence, ...members })}\n\n`;
    this.sequence += 1;
  }

  raw(text: string): void {
    this.text += text;
  }

  get nextSequence(): number {
    return this.sequence;
  }

  /** Announces an item; `make` takes its place (`output_index`). */
  add(make: (place: number) => Wire): { place: number; id: unknown } {
    const place = this.places;
    this.places += 1;
    const item = make(place);
    this.event("response.output_item.added", { output_index: place, item });
    return { place, id: item["id"] };
  }

  /** Ends an item. */
  done(place: number, item: Wire): void {
    this.items[place] = item;
    this.event("response.output_item.done", { output_index: place, item });
  }

  /** An item that comes whole. */
  whole(make: (place: number) => Wire): void {
    const item = make(this.places);
    this.done(this.add(() => ({ ...item, ...("status" in item ? { status: "in_progress" } : {}) })).place, item);
  }

  output(): Wire[] {
    return this.items.filter((item) => item !== undefined);
  }

  /** What was written since the last call. */
  take(): string {
    const { text } = this;
    this.text = "";
    return text;
  }
}
