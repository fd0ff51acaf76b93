import { spawn } from "node:child_process";

/** How a program ended. */
export interface CommandResult {
  /** exit status; undefined when it could not be started or was ended by a signal */
  status: number | undefined;
  /** the last of what it wrote to stderr and stdout, or why it could not be started */
  output: string;
}

/** The end of the output tells the fault; a program that talks endlessly must not fill our memory. */
const OUTPUT_CHARACTERS_MAX = 16_384;

/** Runs a program to its end without blocking the event loop. `command` is the program, then its arguments. Never throws. */
export function runCommand(command: readonly string[]): Promise<CommandResult> {
  const [program = "", ...rest] = command;
  return new Promise((resolve) => {
    let output = "";
    const hear = (chunk: Buffer): void => {
      output = (output + chunk.toString("utf8")).slice(-OUTPUT_CHARACTERS_MAX);
    };
    // cwd: the gateway's own folder may be one that the program, as another user, cannot enter.
    const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"], cwd: "/" });
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", (error) => resolve({ status: undefined, output: error.message }));
    child.on("close", (code) => resolve({ status: code ?? undefined, output: output.trim() }));
  });
}
