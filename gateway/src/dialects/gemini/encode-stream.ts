import type { AnswerContext } from "../canonical/codec.ts";
import type { StreamEncoder, StreamPart } from "../canonical/stream.ts";
import type { Usage } from "../canonical/usage.ts";
import { showsThoughts } from "./answer-parts.ts";
import { CandidateWriter } from "./candidate-writer.ts";
import { NO_PARTS, responseIdOf } from "./encode-answer.ts";
import { NO_TEXT, writeBlock, writeFinish } from "./finish.ts";
import { writeGeminiUsage } from "./usage-metadata.ts";
import { table } from "../../table.ts";

type Words = Record<string, unknown>;
type Finish = Extract<StreamPart, { type: "finish" }>;

/** google.rpc.Code names and their HTTP status, for errors that already carry such a name. */
const STATUS: Record<string, number> = table({ INVALID_ARGUMENT: 400, PERMISSION_DENIED: 403, RESOURCE_EXHAUSTED: 429, INTERNAL: 500, UNAVAILABLE: 503, DEADLINE_EXCEEDED: 504 });

/**
 * Writes a stream of generateContent: whole answer objects with what is new. Gemini has no opening and no closing event, so that ids stand in every event, and the
 * last one carries finish reason and usage: it waits for `end`.
 */
export class GeminiStreamEncoder implements StreamEncoder {
  private readonly context: AnswerContext;
  private readonly list: boolean;
  private readonly shown: boolean;
  private id: string;
  private tier: string | undefined;
  private readonly candidates = new Map<number, CandidateWriter>();
  private usage: Usage | undefined;
  private waiting: Finish | undefined;
  private wroteAny = false;
  private closed = false;

  constructor(context: AnswerContext, framing: "sse" | "json-array") {
    this.context = context;
    this.list = framing === "json-array";
    this.shown = showsThoughts(context.request);
    this.id = responseIdOf("", context);
  }

  push(part: StreamPart): string {
    if (this.closed) return "";
    switch (part.type) {
      case "start":
        this.id = responseIdOf(part.id, this.context);
        this.tier = part.serviceTier;
        return "";
      case "finish": {
        const before = this.writeFinish(undefined);
        this.waiting = part;
        return before;
      }
      case "usage":
        this.usage = part.usage;
        return "";
      case "ping":
        return this.ping();
      case "error":
        return this.close(this.frame({ error: errorOf(part) }));
      case "end":
        return this.flush();
      default: {
        let text = "";
        for (const content of this.candidate(part.choice).push(part)) text += this.frame(this.chunk([{ ...content, index: part.choice }]));
        return text;
      }
    }
  }

  flush(): string {
    if (this.closed) return "";
    return this.close(this.writeFinish(this.usage));
  }

  /**
   * A chunk with no text between events, white space in a list. No comment: the official Go and Python clients take every non-empty line for data. No empty lines:
   * `@google/generative-ai`, which LangChain uses, finds no event any more after them. No chunk without candidates: the official clients' chats leave out a turn with such.
   */
  ping(): string {
    if (this.closed) return "";
    return this.list ? "\n" : this.frame({ candidates: [NO_TEXT] });
  }

  private candidate(choice: number): CandidateWriter {
    let writer = this.candidates.get(choice);
    if (!writer) this.candidates.set(choice, (writer = new CandidateWriter(this.shown)));
    return writer;
  }

  /** The finish that waits, with the usage where it is the last. */
  private writeFinish(usage: Usage | undefined): string {
    const { waiting } = this;
    this.waiting = undefined;
    const counted = usage ? { usageMetadata: writeGeminiUsage(usage, this.tier) } : {};
    if (!waiting) return usage ? this.frame({ ...counted, ...this.names() }) : "";
    const writer = this.candidates.get(waiting.choice);
    if (waiting.reason === "content-filter" && waiting.choice === 0 && this.candidates.size === 0)
      return this.frame({ promptFeedback: { blockReason: writeBlock(waiting.detail) }, ...counted, ...this.names() });
    const candidate = {
      content: { parts: NO_PARTS, role: "model" },
      finishReason: writeFinish(waiting.reason, waiting.detail),
      index: waiting.choice,
      ...writer?.members(),
    };
    return this.frame({ ...this.chunk([candidate]), ...counted });
  }

  private chunk(candidates: Words[]): Words {
    return { candidates, ...this.names() };
  }

  private names(): Words {
    return { modelVersion: this.context.model, responseId: this.id };
  }

  private frame(value: Words): string {
    const json = JSON.stringify(value);
    if (!this.list) return `data: ${json}\n\n`;
    const text = this.wroteAny ? `,\n${json}` : `[${json}`;
    this.wroteAny = true;
    return text;
  }

  private close(text: string): string {
    this.closed = true;
    if (!this.list) return text;
    return this.wroteAny ? `${text}\n]` : `${text}[]`;
  }
}

/** An error inside a stream as Google sends it (google.rpc.Status); clients throw on a numeric code from 400. */
function errorOf({ message, code }: Extract<StreamPart, { type: "error" }>): Words {
  const status = code !== undefined && Object.hasOwn(STATUS, code) ? code : "UNAVAILABLE";
  return { code: STATUS[status] ?? 503, message, status };
}
