import { readFileSync } from "node:fs";
import { join } from "node:path";

const PACKAGE = join(import.meta.dir, "../../../package.json");

/** The settings of the runtime that `npm start` gives the gateway, as they stand there. */
export function startEnvironment(): Record<string, string> {
  const { scripts } = JSON.parse(readFileSync(PACKAGE, "utf8")) as { scripts: { start: string } };
  return Object.fromEntries([...scripts.start.matchAll(/(?:^|\s)([A-Z]\w*)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value]));
}
