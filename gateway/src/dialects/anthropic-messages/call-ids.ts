/** Anthropic takes only these characters in the id of a tool call. */
const REFUSED = /[^a-zA-Z0-9_-]/g;

/** Ids of tool calls as Anthropic takes them: others' ids with dots or colons are rewritten, the same way for the call and its result, and stay unique. */
export class CallIds {
  private readonly byOriginal = new Map<string, string>();
  private readonly taken = new Set<string>();
  /** the number to try next for an id that several ids become: a caller may send thousands of them */
  private readonly numbers = new Map<string, number>();

  /** The id on the wire for a call's own id. */
  wire(id: string): string {
    const known = this.byOriginal.get(id);
    if (known !== undefined) return known;
    const plain = id.replace(REFUSED, "_") || "call";
    let wire = plain;
    for (let n = this.numbers.get(plain) ?? 2; this.taken.has(wire); n += 1) {
      wire = `${plain}_${n}`;
      this.numbers.set(plain, n + 1);
    }
    this.taken.add(wire);
    this.byOriginal.set(id, wire);
    return wire;
  }

  /** whether a call of that id was seen */
  has(id: string): boolean {
    return this.byOriginal.has(id);
  }
}
