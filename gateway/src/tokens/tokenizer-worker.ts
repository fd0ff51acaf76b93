import { clearMergeCache as clearCl100k, countTokens as countCl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { clearMergeCache as clearO200k, countTokens as countO200k } from "gpt-tokenizer/encoding/o200k_base";
import { cutLongRuns } from "./bounded-runs.ts";
import type { WorkerCall, WorkerReply } from "../workers/lone-worker.ts";
import type { Encoding } from "./encoding.ts";

/** Runs in a Worker of its own: a vocabulary takes half a second and 100 MB to load, and a long text some tenths of a second to count. */

export interface CountJob {
  encoding: Encoding;
  texts: string[];
}

/** What looks like a control token of the model is plain text here: a caller writes it, and the vendor reads it so. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };

declare const self: { onmessage: (event: { data: WorkerCall<CountJob> }) => void; postMessage(reply: WorkerReply<number>): void };

self.onmessage = ({ data: { id, job } }) => {
  const { encoding, texts } = job;
  const count = encoding === "cl100k_base" ? countCl100k : countO200k;
  let tokens = 0;
  for (const text of texts) for (const piece of cutLongRuns(text)) tokens += count(piece, AS_TEXT);
  // The tokenizer remembers words between texts: callers' words are not kept.
  (encoding === "cl100k_base" ? clearCl100k : clearO200k)();
  self.postMessage({ id, result: tokens });
};
