import { TokenEstimate } from "./token-estimate.ts";

/** Bytes that a base64 text of this length stands for. */
export const base64Bytes = (characters: number): number => Math.floor((characters * 3) / 4);

/** What a turn has delivered so far, by our own count: billed only when the vendor reports nothing. */
export class Delivered {
  private readonly text = new TokenEstimate();
  private audioBytes = 0;

  /** `bytesPerToken`: of the sound that the vendor sends. */
  constructor(private readonly bytesPerToken: number) {}

  addText(text: string): void {
    const bytes = Buffer.from(text).toString("latin1");
    this.text.add(bytes, 0, bytes.length);
  }

  /** Adds sound by the length of its base64 text. */
  addAudio(characters: number): void {
    this.audioBytes += base64Bytes(characters);
  }

  get output(): number {
    return this.text.tokens;
  }

  get outputAudio(): number {
    return Math.ceil(this.audioBytes / this.bytesPerToken);
  }

  get any(): boolean {
    return this.text.tokens > 0 || this.audioBytes > 0;
  }
}
