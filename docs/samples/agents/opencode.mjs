import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { arch, platform } from "node:process";
import { check, runWith } from "../javascript/samples.mjs";
import { guideOf, nativeOf, NOTE, runAgent, WORD, WORK } from "./samples.mjs";

/** opencode itself, with the settings of `docs/opencode.md`, reads a file with its own tool and tells what is in it. It reaches nothing but the gateway. */
const guide = guideOf("opencode");
const settings = JSON.parse(guide.block("json"));
const models = Object.entries(settings.provider).flatMap(([provider, { models }]) => Object.keys(models).map((model) => `${provider}/${model}`));

/** The platform's package by itself: `opencode-ai` links its program in a script, which is not run here. */
const program = nativeOf(["", "-baseline", "-musl", "-baseline-musl"].map((kind) => `opencode-${platform === "win32" ? "windows" : platform}-${arch}${kind}`), "bin/opencode");
writeFileSync(join(WORK, "opencode.json"), JSON.stringify(settings));

async function toolRound(model) {
  const events = await runAgent([...program, "run", "--format", "json", "-m", model], guide.variables, `Call read with ${JSON.stringify({ filePath: NOTE })}`);
  const parts = events.flatMap(({ part }) => part ?? []);
  const steps = parts.map((part) => (part.type === "tool" ? `${part.tool} ${part.state.status}` : part.type === "step-finish" ? part.reason : part.type));
  check(steps.join(", ") === "step-start, read completed, tool-calls, step-start, text, stop", { steps, events });
  check(parts.find((part) => part.type === "text").text.includes(WORD), parts);
  for (const { tokens } of parts.filter((part) => part.type === "step-finish")) check(tokens.input + tokens.cache.read > 1_000 && tokens.output > 0, tokens);
}

await runWith(models, toolRound);
