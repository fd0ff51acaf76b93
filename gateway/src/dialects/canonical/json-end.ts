/** Watches JSON text that comes in pieces, to see when its object is complete. Keeps a depth and two flags, never the text. */
export class JsonEnd {
  private depth = 0;
  private inString = false;
  private escaped = false;
  /** the outermost object or list was closed */
  complete = false;

  push(text: string): void {
    for (let at = 0; at < text.length && !this.complete; at += 1) {
      const code = text.charCodeAt(at);
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (code === 0x5c) this.escaped = true;
        else if (code === 0x22) this.inString = false;
      } else if (code === 0x22) this.inString = true;
      else if (code === 0x7b || code === 0x5b) this.depth += 1;
      else if (code === 0x7d || code === 0x5d) {
        this.depth -= 1;
        this.complete = this.depth <= 0;
      }
    }
  }
}
