/**
 * Which known kinds of failure no test names. `threats.json` lists them (V vulnerabilities, M money, S streams, K tasks, F failures to survive, I
 * invariants), each with the part of the product that it belongs to; a test that proves one bears its id in its title. Exits 1 when a part that counts as
 * finished has ids without a test. `--all` shows the other parts too, without counting them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const ROOT = join(import.meta.dir, "..");
/** Parts whose threats must all be tested. */
const FINISHED: readonly string[] = ["spine", "translation", "tasks", "accounts"];
const TEST_FOLDERS = ["gateway/src", "contract/src", "simulators/src", "bench/src", "scripts"];

const threatSchema = z.strictObject({ id: z.string().regex(/^[VMSKFI]\d{1,2}$/), scope: z.enum(["spine", "translation", "tasks", "accounts", "console"]), class: z.string().min(1) });
export type Threat = z.infer<typeof threatSchema>;

/** The list, checked: no id twice. Throws for a broken one. */
export function readThreats(text: string): Threat[] {
  const threats = z.array(threatSchema).parse(JSON.parse(text));
  const twice = threats.filter((threat, index) => threats.findIndex((other) => other.id === threat.id) !== index);
  if (twice.length > 0) throw new Error(`listed twice: ${twice.map((threat) => threat.id).join(", ")}`);
  return threats;
}

/** Ids in the titles of the tests of one file: `test(...)`, `test.each(...)(...)`, `describe(...)` and their like; comments and bodies do not count. */
export function namedIds(source: string): Set<string> {
  const ids = new Set<string>();
  // A title is the first text after the call's bracket; after `each` and `if` it stands behind the second one, on a line of its own or at the line's end.
  for (const match of source.matchAll(/(?:\b(?:test|describe|it)(?:\.(?:only|concurrent|serial))*\(|^[^\n]*\]\)?\)\(|\)\()\s*(["'`])((?:\\.|(?!\1)[\s\S])*?)\1/gm))
    for (const [id] of (match[2] ?? "").matchAll(/\b[VMSKFI]\d{1,2}\b/g)) ids.add(id);
  // Titles given as rows: `["F15", "a name that does not resolve", ...]`, printed by a title that begins with %s.
  if (/\)\(\s*["'`]%s: /.test(source)) for (const [, id = ""] of source.matchAll(/\[\s*"([VMSKFI]\d{1,2})",/g)) ids.add(id);
  return ids;
}

function main(): void {
  const threats = readThreats(readFileSync(join(ROOT, "scripts/threats.json"), "utf8"));
  const named = new Set<string>();
  for (const folder of TEST_FOLDERS)
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }))
      if (file.endsWith(".test.ts") && !file.includes("node_modules")) for (const id of namedIds(readFileSync(join(ROOT, folder, file), "utf8"))) named.add(id);
  const missing = threats.filter((threat) => !named.has(threat.id));
  const counted = missing.filter((threat) => FINISHED.includes(threat.scope));
  for (const { id, scope, class: what } of process.argv.includes("--all") ? missing : counted) console.log(`${id.padEnd(4)} ${scope.padEnd(12)} ${what}`);
  const finished = threats.filter((threat) => FINISHED.includes(threat.scope)).length;
  console.log(`threats: ${finished - counted.length} of ${finished} in ${FINISHED.join(", ")} are named by a test`);
  if (counted.length > 0) process.exit(1);
}

if (import.meta.main) main();
