import { join } from "node:path";
import { defineCommand, runMain } from "citty";
import { catalogCommand } from "./cli/catalog.ts";
import { channelCommand } from "./cli/channels.ts";
import { doctorCommand } from "./cli/doctor.ts";
import { importCommand } from "./cli/import.ts";
import { keyCommand } from "./cli/keys.ts";
import { limitCommand } from "./cli/limits.ts";
import { unknownWord } from "./cli/unknown-words.ts";
import { userCommand } from "./cli/users.ts";

/** Another program of ours, in its own process with our terminal. */
const program = (name: string, description: string, file: string) =>
  defineCommand({
    meta: { name, description },
    async run({ rawArgs }) {
      const child = Bun.spawn([process.execPath, join(import.meta.dir, file), ...(name === "start" ? ["start"] : rawArgs)], { stdio: ["inherit", "inherit", "inherit"] });
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => child.kill(signal));
      process.exit(await child.exited);
    },
  });

/** Options without a value. */
const SWITCHES = new Set(["--json", "--sandbox", "--apply"]);

/** A negative amount is no option: behind `--`, or joined to its option by `=`, the parser takes it for what it is. */
function withNegativeAmounts(words: readonly string[]): string[] {
  const amounts: string[] = [];
  const rest: string[] = [];
  for (const word of words) {
    const last = rest.at(-1) ?? "";
    if (!/^-\d+(\.\d+)?$/.test(word)) rest.push(word);
    else if (last.startsWith("--") && last !== "--" && !last.includes("=") && !SWITCHES.has(last)) rest.push(`${rest.pop()}=${word}`);
    else amounts.push(word);
  }
  return amounts.length === 0 ? rest : [...rest, ...(rest.includes("--") ? [] : ["--"]), ...amounts];
}

const main = defineCommand({
  meta: { name: "yescale", description: "One key and one wallet for every AI model" },
  subCommands: {
    start: program("start", "run the gateway", "main.ts"),
    sandbox: program("sandbox", "run the simulators alone", "../../simulators/src/main.ts"),
    key: keyCommand,
    user: userCommand,
    channel: channelCommand,
    catalog: catalogCommand,
    limit: limitCommand,
    import: importCommand,
    doctor: doctorCommand,
  },
});
const rawArgs = withNegativeAmounts(process.argv.slice(2));
const unknown = unknownWord(main, rawArgs);
if (unknown !== undefined) {
  process.stderr.write(`"${unknown}" is not known here. What is: the same command with --help.\n`);
  process.exit(1);
}
await runMain(main, { rawArgs });
