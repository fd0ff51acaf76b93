import type { CallFacts, EventKind, Framing, StreamMeter } from "../canonical/dialect.ts";
import { eventData } from "../canonical/event-text.ts";
import { objectOf, parseJson } from "../canonical/fields.ts";
import { SPOKEN_TOKENS_A_SECOND } from "../canonical/speech-measures.ts";
import { errorOfEvent } from "../canonical/stream-error.ts";
import { type MeteredUsage, tokenCount, type Usage } from "../canonical/usage.ts";

/** Bytes a second of uncompressed speech: 24,000 samples of 16 bits (text-to-speech guide). */
const PCM_BYTES_A_SECOND = 48_000;
const UNCOMPRESSED = new Set(["wav", "pcm"]);

/** Meters speech: sound in pieces, or events `speech.audio.delta` and one `speech.audio.done` with the usage. */
export class SpeechMeter implements StreamMeter {
  private bytes = 0;
  private reported: Usage | undefined;
  private error: string | undefined;
  private ended = false;

  constructor(
    private readonly framing: Framing,
    private readonly facts: CallFacts | undefined,
  ) {}

  event(text: string): EventKind {
    if (this.framing === "bytes") {
      this.bytes += text.length;
      return "content";
    }
    if (text.includes('"speech.audio.delta"')) {
      this.bytes += Math.floor(text.length * 0.75);
      return "content";
    }
    if (text.includes('"speech.audio.done"')) {
      this.ended = true;
      this.reported = readSpeechUsage(objectOf(parseJson(eventData(text) ?? ""))["usage"]);
      return "end";
    }
    this.error = errorOfEvent(text);
    return this.error === undefined ? "noise" : "error";
  }

  /** Sound has no end mark: it is complete when the vendor's connection says so. */
  finished(): boolean {
    return this.framing === "bytes" ? this.bytes > 0 : this.ended;
  }

  errorText(): string | undefined {
    return this.error;
  }

  delivered(): boolean {
    return this.bytes > 0;
  }

  usage(promptTokens: number): MeteredUsage {
    if (!this.delivered()) return { usage: {}, estimated: false };
    const expected = this.facts?.media?.expected ?? {};
    const characters = expected.characters ?? 0;
    if (this.reported) return { usage: { ...this.reported, characters }, estimated: false };
    const format = this.facts?.media?.options["response_format"] ?? "";
    const outputAudio = UNCOMPRESSED.has(format) ? Math.ceil((this.bytes / PCM_BYTES_A_SECOND) * SPOKEN_TOKENS_A_SECOND) : (expected.outputAudio ?? 0);
    return { usage: { input: promptTokens, outputAudio, characters }, estimated: true, exact: ["characters"] };
  }
}

/** `usage` of speech.audio.done: text tokens read, sound tokens made. */
function readSpeechUsage(value: unknown): Usage | undefined {
  const report = objectOf(value);
  const [input, outputAudio] = [tokenCount(report["input_tokens"]), tokenCount(report["output_tokens"])];
  return input + outputAudio === 0 ? undefined : { input, outputAudio };
}
