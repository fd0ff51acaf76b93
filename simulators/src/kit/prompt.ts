/** Reads wishes out of a prompt: what to say, how much, which numbers, which things. */
import { isObject, parseJson, type JsonObject } from "./json.ts";

/** Most words that `write N words` gives. */
export const WORDS_MAX = 200_000;
/** Most numbers that `count to N` gives. */
const COUNT_MAX = 10_000;
/** Characters of a prompt up to which tool arguments are looked for in it: longer ones are load, not wishes. */
const WRITTEN_MAX = 65_536;
/** Characters of a prompt that an answer repeats at most. */
const SUBJECT_MAX = 160;

const WORDS = (
  "river stone light garden window winter music letter bridge summer forest silver morning ocean paper story " +
  "candle island market street mountain yellow travel kitchen simple number circle season quiet thunder meadow copper"
).split(" ");

/** Takes a prompt; gives it without `[[fault:...]]` marks and outer white space. */
export const withoutMarks = (prompt: string): string => prompt.replaceAll(/\[\[fault:[^\]]*\]\]/g, "").trim();

/** An agent puts context around what its user typed, in tags of several words: `<system-reminder>…</system-reminder>`, `<environment_context>…`. */
const CONTEXT = /<([a-z]+(?:[-_][a-z]+)+)>[\s\S]*?<\/\1>/g;

/** Takes a user turn's text; gives what the user typed, without the context that an agent put around it. */
export function typedText(text: string): string {
  const typed = text.replaceAll(CONTEXT, "").trim();
  return typed === "" ? text : typed;
}

/** Takes a prompt; gives its own subject, shortened: what an answer that echoes it should name. */
export function subjectOf(prompt: string): string {
  const line = withoutMarks(prompt).replaceAll(/\s+/g, " ");
  return line.length > SUBJECT_MAX ? `${line.slice(0, SUBJECT_MAX)}…` : line;
}

/** Takes a prompt; gives the first number in it, `undefined` without one. */
export function numberIn(prompt: string): number | undefined {
  const found = /-?\d+(?:\.\d+)?/.exec(withoutMarks(prompt));
  return found ? Number(found[0]) : undefined;
}

/**
 * Takes a prompt such as "the weather in Paris, Rome and New York"; gives the named things, an empty list without any.
 * Names are capitalised words after in, for, of, at or about.
 */
export function namesIn(prompt: string): string[] {
  const name = "\\p{Lu}[\\p{L}\\p{N}'-]*(?: \\p{Lu}[\\p{L}\\p{N}'-]*)*";
  const found = new RegExp(
    `\\b(?:in|for|of|at|about)\\s+(${name}(?:(?:\\s*,\\s*(?:and\\s+)?|\\s+and\\s+)${name})*)`,
    "u",
  ).exec(withoutMarks(prompt));
  return found?.[1]?.split(/\s*,\s*(?:and\s+)?|\s+and\s+/u).filter(Boolean) ?? [];
}

function words(count: number): string {
  const list = Array.from(
    { length: Math.min(count, WORDS_MAX) },
    (_, index) => WORDS[index % WORDS.length] ?? "",
  );
  return list.join(" ");
}

/** Signs that words and dates hold as well count only between spaces, or when the prompt is nothing but the sum. */
const SUM =
  /(-?\d+(?:\.\d+)?)(?:\s*([+*×÷])\s*|\s+(-|−|x|\/|plus|minus|times|divided by)\s+)(-?\d+(?:\.\d+)?)/i;
const BARE_SUM = /^(-?\d+(?:\.\d+)?)([-−/x])(-?\d+(?:\.\d+)?)\s*=?\s*\??$/i;

function arithmetic(prompt: string): string | undefined {
  const bare = BARE_SUM.exec(prompt);
  const found = bare
    ? [bare[1], bare[2], bare[3]]
    : (([, left, tight, wide, right]) => [left, tight ?? wide, right])(SUM.exec(prompt) ?? []);
  const [left, sign, right] = [Number(found[0]), found[1]?.toLowerCase(), Number(found[2])];
  if (sign === undefined) return undefined;
  if (sign === "+" || sign === "plus") return String(left + right);
  if (sign === "-" || sign === "−" || sign === "minus") return String(left - right);
  if (sign === "*" || sign === "x" || sign === "×" || sign === "times") return String(left * right);
  return right === 0 ? "undefined" : String(left / right);
}

/** `say` and the like count where a sentence or a clause starts, so that "what people say about it" is an ordinary prompt. */
const SAY =
  /(?:^|[.!?,;\n]\s*|\b(?:please|just|only|then|and|you)\s+)(?:say|repeat|echo)(?:\s+exactly)?(?:\s*:\s*|\s+)(?:"([^"]+)"|'([^']+)'(?!\w)|([\s\S]+)$)/i;

/** Takes a prompt; gives the text it literally asks for, or `undefined` when it asks for nothing special. */
export function wishedText(prompt: string): string | undefined {
  const plain = withoutMarks(prompt);
  const size = /\bwrite\s+(?:me\s+)?(?:exactly\s+)?([\d,_]+)\s+words?\b/i.exec(plain);
  if (size) return words(Number(size[1]?.replaceAll(/[,_]/g, "")));
  const said = SAY.exec(plain);
  if (said) return (said[1] ?? said[2] ?? said[3] ?? "").trim();
  const count = /\bcount\s+(?:from\s+1\s+)?(?:up\s+)?to\s+(\d+)/i.exec(plain);
  if (count)
    return Array.from({ length: Math.min(Number(count[1]), COUNT_MAX) }, (_, index) => index + 1).join(", ");
  const result = arithmetic(plain);
  if (result !== undefined) return `The answer is ${result}.`;
  if (/^\s*(?:hi|hello|hey)\b[\s!.]*$/i.test(plain)) return "Hello! How can I help you today?";
  return undefined;
}

/** Where the JSON object that starts at `from` ends; -1 when it does not. */
function objectEnd(text: string, from: number): number {
  let [depth, quoted] = [0, false];
  for (let at = from; at < text.length; at++) {
    const sign = text[at];
    if (quoted) {
      if (sign === "\\") at++;
      else if (sign === '"') quoted = false;
    } else if (sign === '"') quoted = true;
    else if (sign === "{") depth++;
    else if (sign === "}" && --depth === 0) return at + 1;
  }
  return -1;
}

const escaped = (name: string): string => name.replaceAll(/[^\w]/g, (sign) => `\\${sign}`);

/**
 * Takes a prompt and a tool's name; gives the arguments that the prompt itself writes for it, as in
 * `call read_file with {"path":"a.txt"}`, one for each such call; an empty list without any.
 */
export function writtenArguments(prompt: string, name: string): JsonObject[] {
  const found: JsonObject[] = [];
  if (prompt.length > WRITTEN_MAX) return found;
  const named = new RegExp(`(?<![\\w-])${escaped(name)}[\`"']?\\s*(?:with\\s*|using\\s*|[:(]\\s*)?(?=\\{)`, "gi");
  for (const match of prompt.matchAll(named)) {
    const start = match.index + match[0].length;
    const end = objectEnd(prompt, start);
    const value = end === -1 ? undefined : parseJson(prompt.slice(start, end));
    if (isObject(value)) found.push(value);
  }
  return found;
}
