/**
 * The simulators' own tokenizer, the same for every vendor. A token is one of: up to eight letters, digits or underscores
 * of a word (longer words give several tokens), or one other visible character; white space before either belongs
 * to it, and white space at the very end is a token of its own. Joining the tokens gives the text back.
 */
const TOKEN = /\s*(?:[\p{L}\p{N}_]{1,8}|[^\s\p{L}\p{N}_])|\s+$/gu;

/** Takes text; gives its tokens in order. Their concatenation equals the text. */
export const tokenize = (text: string): string[] => text.match(TOKEN) ?? [];

/** Takes text; gives its number of tokens. */
export function countTokens(text: string): number {
  return text === "" ? 0 : (text.match(TOKEN)?.length ?? 0);
}
