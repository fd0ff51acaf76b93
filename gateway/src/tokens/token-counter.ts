import { estimatePromptTokens } from "../dialects/canonical/token-estimate.ts";
import type { CanonicalRequest } from "../dialects/canonical/request.ts";
import { type CountedContent, countedContent } from "./counted-content.ts";
import { encodingOf } from "./encoding.ts";
import type { CountJob, CountResult } from "./tokenizer-worker.ts";

export interface CounterLimits {
  /** characters of one request: handing more to the worker would hold the event loop for over a millisecond */
  charactersMax: number;
  /** requests that wait for the worker */
  queueMax: number;
  /** milliseconds that one waits for its turn: an estimate now is worth more than a count much later */
  waitMs: number;
  /** milliseconds for one request, the start of the worker included */
  jobMs: number;
  /** milliseconds after which an unused worker gives its 100 MB back */
  idleMs: number;
}

export const COUNTER_LIMITS: Readonly<CounterLimits> = { charactersMax: 1_000_000, queueMax: 32, waitMs: 3_000, jobMs: 10_000, idleMs: 600_000 };

/** Texts longer than this are measured by their beginning. */
const MEASURED_CHARACTERS = 1_000_000;
const SAMPLE_CHARACTERS = 65_536;

export interface TokenCount {
  tokens: number;
  /** it is never the vendor's word */
  estimated: true;
}

interface Waiting {
  job: CountJob;
  content: CountedContent;
  resolve: (count: TokenCount) => void;
  /** ends the waiting */
  patience: ReturnType<typeof setTimeout>;
}

/** Counts the prompt tokens of requests to models whose vendor offers no counter, in a worker that is started when first needed. */
export class TokenCounter {
  private readonly limits: CounterLimits;
  private readonly queue: Waiting[] = [];
  private current: Waiting | undefined;
  private worker: Worker | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastId = 0;
  private closed = false;

  constructor(limits: Partial<CounterLimits> = {}) {
    this.limits = { ...COUNTER_LIMITS, ...limits };
  }

  /**
   * Prompt tokens of a request; `model`: whose vocabulary is used, the request's unless given. Never rejects: where the text is very long, or the worker is busy, late or dead,
   * the text is estimated by its bytes (`estimatePromptTokens`).
   */
  countTokens(request: CanonicalRequest, model: string = request.model): Promise<TokenCount> {
    const content = countedContent(request, this.limits.charactersMax);
    if (content.texts.length === 0 && content.characters === 0) return Promise.resolve({ tokens: content.otherTokens, estimated: true });
    if (this.closed || content.characters > this.limits.charactersMax || this.queue.length >= this.limits.queueMax) return Promise.resolve(byBytes(content));
    return new Promise((resolve) => {
      const patience = setTimeout(() => this.giveUp(waiting), this.limits.waitMs);
      patience.unref();
      const waiting: Waiting = { job: { id: (this.lastId += 1), encoding: encodingOf(model), texts: content.texts }, content, resolve, patience };
      this.queue.push(waiting);
      if (!this.current) this.next();
    });
  }

  /** Requests that wait or are being counted. */
  get pending(): number {
    return this.queue.length + (this.current ? 1 : 0);
  }

  /** Ends the worker; what waits is estimated. */
  close(): void {
    this.closed = true;
    this.abandon();
  }

  private next(): void {
    clearTimeout(this.timer);
    this.current = this.queue.shift();
    clearTimeout(this.current?.patience);
    if (!this.current) {
      this.timer = setTimeout(() => this.end(), this.limits.idleMs);
      this.timer.unref();
      return;
    }
    try {
      this.worker ??= this.start();
      this.worker.postMessage(this.current.job);
    } catch {
      return this.abandon();
    }
    this.timer = setTimeout(() => this.abandon(), this.limits.jobMs);
    this.timer.unref();
  }

  private start(): Worker {
    const worker = new Worker(new URL("./tokenizer-worker.ts", import.meta.url).href);
    worker.unref();
    worker.onmessage = ({ data }: MessageEvent<CountResult>) => {
      if (worker !== this.worker || data.id !== this.current?.job.id) return;
      const { content, resolve } = this.current;
      resolve({ tokens: data.tokens + content.otherTokens, estimated: true });
      this.next();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.worker) this.abandon();
    };
    return worker;
  }

  private giveUp(waiting: Waiting): void {
    const index = this.queue.indexOf(waiting);
    if (index < 0) return;
    this.queue.splice(index, 1);
    waiting.resolve(byBytes(waiting.content));
  }

  /** The worker is late or dead: all that waits is estimated, and the next request gets a new worker. */
  private abandon(): void {
    clearTimeout(this.timer);
    this.end();
    const left = [...(this.current ? [this.current] : []), ...this.queue.splice(0)];
    this.current = undefined;
    for (const { content, resolve, patience } of left) {
      clearTimeout(patience);
      resolve(byBytes(content));
    }
  }

  private end(): void {
    this.worker?.terminate();
    this.worker = undefined;
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
