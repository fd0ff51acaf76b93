import { check, runWith } from "../javascript/samples.mjs";
import { guideOf, programOf, runAgent, settle, WORD } from "./samples.mjs";

/** Gemini CLI itself, with the settings of `docs/gemini-cli.md`, reads a file with its own tool and tells what is in it: with the model that its router takes, and with each that the guide names. */
const guide = guideOf("gemini-cli");
const program = programOf("@google/gemini-cli/bundle/gemini.js");
settle(".gemini/settings.json", guide.block("json"));
const models = ["default", ...[...guide.text.matchAll(/^gemini -m (\S+)/gm)].map(([, model]) => model)];

async function toolRound(model) {
  const command = [...program, ...(model === "default" ? [] : ["-m", model]), "-p", 'Call read_file with {"file_path":"note.txt"}', "--yolo", "-o", "stream-json"];
  const events = await runAgent(command, guide.variables);
  const steps = events.filter(({ type }) => type.startsWith("tool_")).map(({ type, tool_name, status }) => `${type} ${tool_name ?? status}`);
  check(steps.join(", ") === "tool_use read_file, tool_result success", { steps, events });
  const said = events.filter(({ type, role }) => type === "message" && role === "assistant").map(({ content }) => content);
  check(said.join("").includes(WORD), said);
  const { status, stats } = events.find(({ type }) => type === "result");
  check(status === "success" && stats.tool_calls === 1 && stats.input_tokens > 1_000 && stats.output_tokens > 0, stats);
  // Whom it asked: the router and what it chose, or the wished model alone.
  const asked = Object.keys(stats.models);
  check(model === "default" ? asked.includes("gemini-3.5-flash-lite") && asked.length === 2 : asked.join() === model, asked);
}

await runWith(models, toolRound);
