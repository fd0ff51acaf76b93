import type { ArgsDef, CommandDef } from "citty";

/** Options that every command has. */
const OF_ALL = new Set(["--help", "-h", "--version"]);

const dashed = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Every way to write an option of these, and whether a value follows as a word of its own. */
function spellings(args: ArgsDef): Map<string, boolean> {
  const known = new Map<string, boolean>();
  for (const [name, arg] of Object.entries(args)) {
    const aliases = "alias" in arg && arg.alias !== undefined ? [arg.alias].flat() : [];
    for (const one of [name, dashed(name), ...aliases]) {
      known.set(one.length === 1 ? `-${one}` : `--${one}`, arg.type !== "boolean");
      if (arg.type === "boolean") known.set(`--no-${one}`, false);
    }
  }
  return known;
}

/**
 * The first of these words that the command they name does not know: an option, or a word too many. citty passes such words over, and what was asked for would be done without them
 * (`key create --qouta 5` made a key without a quota). Undefined where all are known, and for programs that read their words themselves (they declare no `args`).
 */
export function unknownWord(command: CommandDef, words: readonly string[]): string | undefined {
  const [first = "", ...others] = words;
  const sub = (command.subCommands as Record<string, CommandDef> | undefined)?.[first];
  if (sub) return unknownWord(sub, others);
  const args = command.args as ArgsDef | undefined;
  if (!args) return undefined;
  const known = spellings(args);
  let room = Object.values(args).filter(({ type }) => type === "positional").length;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "--") {
      room -= words.length - at - 1;
      return room < 0 ? words.at(room) : undefined;
    }
    const option = word.split("=", 1)[0] ?? "";
    if (OF_ALL.has(option)) return undefined;
    if (!word.startsWith("-")) {
      room -= 1;
      if (room < 0) return word;
    } else if (!known.has(option)) return option;
    else if (known.get(option) === true && !word.includes("=")) at += 1;
  }
  return undefined;
}
