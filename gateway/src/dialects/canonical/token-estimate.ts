/**
 * Counts tokens of text that goes by, for the rare answer whose vendor reports no usage. Nothing is kept but the kind of the last character,
 * so it can run on every stream. It is an estimate, and everything billed on it is marked as one.
 *
 * The rule is close to what the public tokenisers do: a run of letters is one token per 8 letters begun (with the space before it), a run of
 * digits one per 3, each punctuation run one per 2, other scripts one per 2 UTF-8 bytes' worth of a character.
 */
const LETTERS_PER_TOKEN = 8;
const DIGITS_PER_TOKEN = 3;
const MARKS_PER_TOKEN = 2;
/** Bytes of non-ASCII text per token: a Vietnamese letter is 2-3 bytes, a Chinese character 3. */
const OTHER_BYTES_PER_TOKEN = 3;

const NONE = 0, LETTER = 1, DIGIT = 2, MARK = 3, OTHER = 4;

export class TokenEstimate {
  tokens = 0;
  private kind = NONE;
  private run = 0;

  /** Adds text given as latin1 of its UTF-8 bytes (one character a byte), from..to, JSON escapes included. */
  add(text: string, from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      let code = text.charCodeAt(at);
      if (code === 0x5c) {
        // An escape stands for one character: \n and the like separate, \uXXXX is one of another script.
        at += 1;
        code = text.charCodeAt(at);
        if (code === 0x75) {
          at += 4;
          this.step(OTHER, 1);
          this.run += OTHER_BYTES_PER_TOKEN - 1;
          continue;
        }
        code = code === 0x22 || code === 0x5c || code === 0x2f ? code : 0x20;
      }
      if ((code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)) this.step(LETTER, LETTERS_PER_TOKEN);
      else if (code >= 0x80) this.step(OTHER, OTHER_BYTES_PER_TOKEN);
      else if (code >= 0x30 && code <= 0x39) this.step(DIGIT, DIGITS_PER_TOKEN);
      else if (code <= 0x20) this.kind = NONE;
      else this.step(MARK, MARKS_PER_TOKEN);
    }
  }

  private step(kind: number, perToken: number): void {
    if (kind !== this.kind || this.run >= perToken) {
      this.kind = kind;
      this.run = 0;
      this.tokens += 1;
    }
    this.run += 1;
  }
}

/** Tokens per byte of a prompt's text, and per media item: what a hold assumes before the vendor has counted. */
const PROMPT_BYTES_PER_TOKEN = 4;
const MEDIA_TOKENS = 1_600;

/** Expected prompt tokens of a body from its scan: an estimate for the hold, and for answers without usage. */
export function estimatePromptTokens(scan: { textBytes: number; mediaCount: number }): number {
  return Math.ceil(scan.textBytes / PROMPT_BYTES_PER_TOKEN) + scan.mediaCount * MEDIA_TOKENS;
}
