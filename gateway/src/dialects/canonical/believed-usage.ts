import { completionTokens, type MeteredUsage, promptTokens as promptTokensOf, type Usage } from "./usage.ts";

/** What a stream came to: the vendor's last report, if any, and our own count of what went by. */
export interface StreamOutcome {
  report: { usage: Usage; anomaly?: string } | undefined;
  /** our estimate of the tokens delivered */
  deliveredTokens: number;
  /** whether anything of an answer was delivered */
  delivered: boolean;
  /** our estimate of the prompt's tokens */
  promptTokens: number;
}

/**
 * The usage to bill: the vendor's word, unless it tells no output beside delivered text, as reports do before a stream's last; then its word on the prompt, if any, and our
 * estimate of the rest; nothing where nothing was delivered.
 */
export function believedUsage({ report, deliveredTokens, delivered, promptTokens }: StreamOutcome): MeteredUsage {
  if (report && !(completionTokens(report.usage) === 0 && deliveredTokens > 0)) return { ...report, estimated: false };
  if (!delivered) return { usage: {}, estimated: false };
  if (report && promptTokensOf(report.usage) > 0) return { ...report, usage: { ...report.usage, output: deliveredTokens }, estimated: true };
  return { usage: { input: promptTokens, output: deliveredTokens }, estimated: true };
}
