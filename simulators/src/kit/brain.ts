/** Decides what the model says. Pure: the same conversation always gets the same reply. */
import type { Conversation, Tool, Turn } from "./conversation.ts";
import { namesIn, numberIn, subjectOf, typedText, wishedText, withoutMarks, writtenArguments } from "./prompt.ts";
import { sampleOf } from "./schema.ts";
import { tokenize } from "./tokens.ts";

/** A call the model wants made. */
export interface ToolCall {
  name: string;
  input: unknown;
  /** tokens of the input's JSON text, in order */
  pieces: string[];
}

/** Why an answer ended, before it is put into a vendor's words. */
export type Ending = "stop" | "length" | "stop_sequence" | "tool_calls";

/** One whole answer. Every token of it can be sent as one stream event. */
export interface Reply {
  thinking: string[];
  text: string[];
  calls: ToolCall[];
  ending: Ending;
  /** the text that ended the answer, when `ending` is "stop_sequence" */
  stopSequence: string | null;
  /** tokens produced: thinking + text + tool inputs */
  tokens: number;
}

const lastPrompt = (conversation: Conversation): string =>
  typedText(
    conversation.turns.findLast(
      (turn) => turn.role === "user" && (turn.text !== "" || turn.images > 0 || turn.sounds > 0),
    )?.text ?? "",
  );

const spoken = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

function mentioned(tools: Tool[], prompt: string): Tool[] {
  const [plain, loose] = [prompt.toLowerCase(), ` ${spoken(prompt)} `];
  return tools.filter(
    (tool) => plain.includes(tool.name.toLowerCase()) || loose.includes(` ${spoken(tool.name)} `),
  );
}

const callOf = (name: string, input: unknown): ToolCall => ({
  name,
  input,
  pieces: tokenize(JSON.stringify(input)),
});

function chooseCalls(conversation: Conversation, prompt: string): ToolCall[] {
  const { tools, toolChoice, parallelTools } = conversation;
  if (toolChoice.mode === "none" || tools.length === 0) return [];
  const allowed =
    toolChoice.names.length > 0 ? tools.filter((tool) => toolChoice.names.includes(tool.name)) : tools;
  const written = allowed.flatMap((tool) =>
    writtenArguments(prompt, tool.name).map((input) => callOf(tool.name, input)),
  );
  if (written.length > 0) return parallelTools ? written : written.slice(0, 1);
  let chosen = mentioned(allowed, prompt);
  if (chosen.length === 0 && toolChoice.mode === "required") chosen = allowed.slice(0, 1);
  const names = namesIn(prompt);
  const subjects = names.length > 0 ? names : [subjectOf(prompt)];
  const calls = chosen.flatMap((tool) =>
    (chosen.length > 1 ? subjects.slice(0, 1) : subjects).map((subject) =>
      callOf(tool.name, sampleOf({ type: "object", ...tool.schema }, { subject, number: numberIn(prompt) })),
    ),
  );
  return parallelTools ? calls : calls.slice(0, 1);
}

/** What tools answered last. Where their results may hold no pictures (chat completions), a user's turn brings those after them. */
function freshResults(conversation: Conversation): Turn["results"] {
  const [before, last] = conversation.turns.filter((turn) => turn.role !== "system").slice(-2);
  const latest = last ?? before;
  if (latest === undefined || latest.results.length > 0) return latest?.results ?? [];
  return last !== undefined && last.role === "user" && last.images > 0 ? (before?.results ?? []) : [];
}

function answerText(conversation: Conversation, prompt: string): string {
  const results = freshResults(conversation);
  const plain =
    results.length > 0
      ? results.map((result) => `${result.name || "The tool"} answered: ${result.text}`).join("\n")
      : undefined;
  if (conversation.answerSchema !== undefined) {
    if (Object.keys(conversation.answerSchema).length === 0)
      return JSON.stringify({ answer: plain ?? wishedText(prompt) ?? subjectOf(prompt) });
    return JSON.stringify(
      sampleOf(conversation.answerSchema, {
        subject: namesIn(prompt)[0] ?? subjectOf(prompt),
        number: numberIn(prompt),
      }),
    );
  }
  if (plain !== undefined) return plain;
  const wished = wishedText(prompt);
  if (wished !== undefined) return wished;
  const asked = conversation.turns.findLast((turn) => turn.role === "user");
  const seen: string[] = [];
  if (asked && asked.images > 0)
    seen.push(
      asked.images === 1
        ? "I can see the picture you sent."
        : `I can see the ${asked.images} pictures you sent.`,
    );
  if (asked && asked.sounds > 0) seen.push("I have listened to the sound you sent.");
  const subject = withoutMarks(prompt) === "" ? "nothing in words" : `“${subjectOf(prompt)}”`;
  return [
    ...seen,
    `You asked: ${subject}. This is ${conversation.model} in the sandbox, and here is a short answer.`,
  ].join(" ");
}

function thinkingText(prompt: string, tokens: number): string[] {
  const sentence = tokenize(
    ` The user asks about ${subjectOf(prompt)} I weigh what is known and then answer plainly.`,
  );
  return Array.from({ length: tokens }, (_, index) => {
    const piece = sentence[index % sentence.length] ?? " so";
    return index === 0 ? piece.trimStart() : piece;
  });
}

function cutAtStop(text: string, stop: string[]): { text: string; found: string | null } {
  let [end, found]: [number, string | null] = [text.length, null];
  for (const sequence of stop) {
    const at = text.indexOf(sequence);
    if (at !== -1 && at < end) [end, found] = [at, sequence];
  }
  return { text: text.slice(0, end), found };
}

/**
 * Takes a conversation and which of several alternatives is wanted (0 for the first); gives the reply,
 * already cut at stop texts and at the token limit.
 */
export function replyTo(conversation: Conversation, alternative = 0): Reply {
  const prompt = lastPrompt(conversation);
  const thinking = thinkingText(prompt, conversation.thinkingTokens);
  const answered = freshResults(conversation).length > 0;
  const mustCall = conversation.toolChoice.mode === "required";
  const calls = answered && !mustCall ? [] : chooseCalls(conversation, prompt);
  const whole =
    calls.length > 0
      ? ""
      : answerText(conversation, prompt) +
        (alternative > 0 && !conversation.answerSchema ? ` (alternative ${alternative + 1})` : "");
  const { text, found } = cutAtStop(whole, conversation.stop);
  const reply: Reply = {
    thinking,
    text: tokenize(text),
    calls,
    ending: calls.length > 0 ? "tool_calls" : found === null ? "stop" : "stop_sequence",
    stopSequence: found,
    tokens: 0,
  };
  return limit(reply, conversation.maxTokens ?? Number.POSITIVE_INFINITY);
}

function limit(reply: Reply, most: number): Reply {
  const size =
    reply.thinking.length +
    reply.text.length +
    reply.calls.reduce((sum, call) => sum + call.pieces.length, 0);
  if (size <= most) return { ...reply, tokens: size };
  let left = most;
  const take = (pieces: string[]): string[] => {
    const taken = pieces.slice(0, left);
    left -= taken.length;
    return taken;
  };
  const [thinking, text] = [take(reply.thinking), take(reply.text)];
  const calls = reply.calls.flatMap((call) => (left > 0 ? [{ ...call, pieces: take(call.pieces) }] : []));
  return { thinking, text, calls, ending: "length", stopSequence: null, tokens: most };
}
