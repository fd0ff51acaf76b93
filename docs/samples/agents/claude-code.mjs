import { arch, platform } from "node:process";
import { check, runWith } from "../javascript/samples.mjs";
import { guideOf, nativeOf, NOTE, runAgent, WORD } from "./samples.mjs";

/** Claude Code itself, with the variables of `docs/claude-code.md`, reads a file with two of its tools at once and tells what is in it: with its own model, and with each that the guide names. */
const guide = guideOf("claude-code");
/** The platform's package by itself: npm leaves out the one around it, which a script of its own links to the program, where Node is older than 22. */
const program = nativeOf(["", "-musl"].map((library) => `@anthropic-ai/claude-code-${platform}-${arch}${library}`), "claude");
const models = ["default", ...[...guide.text.matchAll(/^ANTHROPIC_MODEL=(\S+)/gm)].map(([, model]) => model)];

async function toolRound(model) {
  const prompt = `Call Read with ${JSON.stringify({ file_path: NOTE })} and Bash with ${JSON.stringify({ command: `grep -c ${WORD} note.txt` })}`;
  const command = [...program, "-p", prompt, "--allowedTools", "Read", "Bash", "--output-format", "stream-json", "--verbose"];
  const events = await runAgent(command, { ...guide.variables, ...(model === "default" ? {} : { ANTHROPIC_MODEL: model }) });
  const { model: taken } = events.find(({ subtype }) => subtype === "init");
  check(model === "default" ? taken.startsWith("claude-") : taken === model, taken);
  const blocks = events.filter(({ type }) => type === "assistant" || type === "user").flatMap(({ message }) => message.content);
  const steps = blocks.filter(({ type }) => !type.endsWith("thinking")).map(({ type, name, is_error }) => `${type}${name ? ` ${name}` : ""}${is_error ? " failed" : ""}`);
  check(steps.toSorted().join(", ") === "text, tool_result, tool_result, tool_use Bash, tool_use Read", { steps, events });
  const { is_error, num_turns, result, usage } = events.find(({ type }) => type === "result");
  check(!is_error && num_turns === 3 && result.includes(WORD) && /Bash answered: 1\b/.test(result), { is_error, num_turns, result });
  check(!events.some(({ subtype }) => subtype === "api_retry"), events);
  check(usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens > 1_000 && usage.output_tokens > 0, usage);
}

await runWith(models, toolRound);
