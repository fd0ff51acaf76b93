import { check, runWith } from "../javascript/samples.mjs";
import { guideOf, HOME, NOTE, programOf, runAgent, settle, WORD } from "./samples.mjs";

/** Codex itself, with the `config.toml` of `docs/codex.md`, runs a command that reads a file and tells what it said: with its own model, and with each that the guide names. */
const guide = guideOf("codex");
const program = programOf("@openai/codex/bin/codex.js");
const config = guide.block("toml");
const [own] = config.match(/(?<=^model = ")[^"]+/m);
const others = [...guide.text.matchAll(/`(?:model = )?"([^"]+)"`/g)].map(([, model]) => model);
const [, ...freely] = guide.text.match(/^codex exec (--\S+) (--\S+)/m);

/** To the models that it knows as its newest, Codex gives one tool that runs JavaScript; to others a tool that runs a command. */
const prompts = {
  code: `Call functionsexec with ${JSON.stringify({ input: `text(await tools.exec_command(${JSON.stringify({ cmd: `cat ${NOTE}` })}))` })}`,
  command: `Call exec_command with ${JSON.stringify({ cmd: `cat ${NOTE}` })}`,
};

async function toolRound(model) {
  settle("config.toml", config.replace(`"${own}"`, `"${model}"`));
  const events = await runAgent([...program, "exec", "--json", ...freely, prompts[model === own ? "code" : "command"]], { ...guide.variables, CODEX_HOME: HOME });
  // "Model metadata … not found" comes as an item of its own kind.
  const items = events.filter(({ type, item }) => type === "item.completed" && item.type !== "error").map(({ item }) => item);
  const steps = items.map(({ type, status, exit_code }) => (type === "command_execution" ? `${type} ${status} ${exit_code}` : type)).filter((step) => step !== "reasoning");
  check(steps.join(", ") === "command_execution completed 0, agent_message", { steps, events });
  check(items.at(-1).text.includes(WORD), items);
  const { usage } = events.find(({ type }) => type === "turn.completed");
  check(usage.input_tokens > 1_000 && usage.output_tokens > 0, usage);
}

await runWith([own, ...others], toolRound);
