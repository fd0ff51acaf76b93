import { estimatePromptTokens } from "../dialects/canonical/token-estimate.ts";
import type { CanonicalRequest } from "../dialects/canonical/request.ts";
import { type CountedContent, countedContent } from "./counted-content.ts";
import { encodingOf } from "./encoding.ts";
import { LoneWorker, type WorkerLimits } from "../workers/lone-worker.ts";
import type { CountJob } from "./tokenizer-worker.ts";

export interface CounterLimits extends WorkerLimits {
  /** characters of one request: handing more to the worker would hold the event loop for over a millisecond */
  charactersMax: number;
}

/** A vocabulary takes 100 MB; an estimate now is worth more than a count much later. */
export const COUNTER_LIMITS: Readonly<CounterLimits> = { charactersMax: 1_000_000, queueMax: 32, accountQueueMax: 8, waitMs: 3_000, jobMs: 10_000, idleMs: 600_000 };

/** Texts longer than this are measured by their beginning. */
const MEASURED_CHARACTERS = 1_000_000;
const SAMPLE_CHARACTERS = 65_536;

export interface TokenCount {
  tokens: number;
  /** it is never the vendor's word */
  estimated: true;
}

/** Counts the prompt tokens of requests to models whose vendor offers no counter, in a worker that is started when first needed. */
export class TokenCounter {
  private readonly limits: CounterLimits;
  private readonly worker: LoneWorker<CountJob, number>;

  constructor(limits: Partial<CounterLimits> = {}) {
    this.limits = { ...COUNTER_LIMITS, ...limits };
    this.worker = new LoneWorker(new URL("./tokenizer-worker.ts", import.meta.url), this.limits);
  }

  /**
   * Prompt tokens of a request; `account`: in whose turn; `model`: whose vocabulary is used, the request's unless given. Never rejects: where the text is very long, or the worker is busy, late or dead,
   * the text is estimated by its bytes (`estimatePromptTokens`).
   */
  async countTokens(account: number, request: CanonicalRequest, model: string = request.model): Promise<TokenCount> {
    const content = countedContent(request, this.limits.charactersMax);
    if (content.texts.length === 0 && content.characters === 0) return { tokens: content.otherTokens, estimated: true };
    if (content.characters > this.limits.charactersMax) return byBytes(content);
    try {
      const tokens = await this.worker.run(account, { encoding: encodingOf(model), texts: content.texts });
      return { tokens: tokens + content.otherTokens, estimated: true };
    } catch {
      return byBytes(content);
    }
  }

  /** Requests that wait or are being counted. */
  get pending(): number {
    return this.worker.pending;
  }

  /** Ends the worker; what waits is estimated. */
  close(): void {
    this.worker.close();
  }
}

/** The estimate without a tokenizer. */
function byBytes(content: CountedContent): TokenCount {
  let bytes = 0;
  let characters = 0;
  for (const text of content.texts) {
    bytes += bytesOf(text);
    characters += text.length;
  }
  // What was too long to be made a text counts by its length.
  const textBytes = bytes + content.characters - characters;
  return { tokens: estimatePromptTokens({ textBytes, mediaCount: 0 }) + content.otherTokens, estimated: true };
}

/** UTF-8 bytes of a text, of a very long one about. */
function bytesOf(text: string): number {
  if (text.length <= MEASURED_CHARACTERS) return Buffer.byteLength(text);
  return Math.round((Buffer.byteLength(text.slice(0, SAMPLE_CHARACTERS)) / SAMPLE_CHARACTERS) * text.length);
}
