/** The benchmark: starts all targets, runs the scenarios, prints one table. See README.md. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { startFleet } from "./fleet.ts";
import { LoadGenerator } from "./load/load-generator.ts";
import { readOptions, USAGE, type Options } from "./options.ts";
import { Children } from "./process/children.ts";
import { FULL, QUICK } from "./profile.ts";
import { markdownTable } from "./report/table.ts";
import { charges } from "./scenarios/charges.ts";
import { chat } from "./scenarios/chat.ts";
import { compressed } from "./scenarios/compressed.ts";
import type { Context } from "./scenarios/context.ts";
import { headOfLine } from "./scenarios/head-of-line.ts";
import { held } from "./scenarios/held.ts";
import { soak } from "./scenarios/soak.ts";
import { start } from "./scenarios/start.ts";
import { streaming } from "./scenarios/streaming.ts";
import { tasks } from "./scenarios/tasks.ts";
import { translation } from "./scenarios/translation.ts";
import { endProcessesOn } from "./targets/gateway-process.ts";

const SCENARIOS: { number: number; title: string; run: (context: Context) => Promise<void> }[] = [
  { number: 1, title: "chat, not streamed", run: chat },
  { number: 2, title: "streaming", run: streaming },
  { number: 3, title: "many streams at once", run: held },
  { number: 4, title: "memory over a long stream", run: soak },
  { number: 5, title: "head-of-line", run: headOfLine },
  { number: 6, title: "compressed answers", run: compressed },
  { number: 7, title: "charges committed", run: charges },
  { number: 8, title: "start and idle memory", run: start },
  { number: 9, title: "translation", run: translation },
  { number: 10, title: "tasks", run: tasks },
];

/** `sk-` and 48 hexadecimal digits. */
const newKey = (): string => `sk-${randomBytes(24).toString("hex")}`;

async function bench(
  options: Options,
  children: Children,
  temporaryFolder: string,
  interrupted: AbortSignal,
): Promise<boolean> {
  const began = performance.now();
  const key = options.key ?? newKey();
  const fleet = await startFleet(children, options, key, temporaryFolder);
  for (const note of fleet.notes) console.log(note);
  const profile = { ...(options.quick ? QUICK : FULL) };
  profile.soakSeconds = options.soakSeconds ?? profile.soakSeconds;
  const context: Context = {
    profile,
    targets: fleet.targets,
    load: new LoadGenerator(children),
    secondLoad: new LoadGenerator(children),
    children,
    temporaryFolder,
    key,
    rows: [],
    notes: [...fleet.notes],
    raw: [],
  };
  let whole = !fleet.failed;
  for (const scenario of SCENARIOS) {
    if (options.only?.has(scenario.number) === false) continue;
    console.log(`${scenario.number} ${scenario.title} …`);
    try {
      await scenario.run(context);
    } catch (fault) {
      // The children were taken away on purpose: nothing to tell.
      if (interrupted.aborted) return false;
      whole = false;
      context.notes.push(`scenario ${scenario.number} broke off: ${String(fault)}`);
      console.log(`  broke off: ${String(fault)}`);
    }
  }
  context.notes.push(...children.unexpectedEnds);
  if (children.unexpectedEnds.length > 0) whole = false;
  const rows = context.rows.filter((row) =>
    row.targets().some((target) => row.valid(target).length > 0),
  );
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Bun ${Bun.version}`;
  console.log(`\n${machine}; median over rounds [least–most] (times the bare proxy)\n`);
  console.log(markdownTable(rows, fleet.further));
  if (context.notes.length > 0)
    console.log(`\nNotes:\n${context.notes.map((note) => `- ${note}`).join("\n")}`);
  console.log(`\n${Math.round((performance.now() - began) / 1000)} s`);
  if (options.json !== undefined)
    writeFileSync(
      options.json,
      JSON.stringify({ machine, profile, rows, notes: context.notes, raw: context.raw }),
    );
  return whole;
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (fault) {
    console.error(`${String(fault)}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const children = new Children();
  const temporaryFolder = mkdtempSync(join(tmpdir(), "yescale-bench-"));
  const interruption = new AbortController();
  let cleaning: Promise<void> | undefined;
  const cleanUp = (): Promise<void> => {
    cleaning ??= (async () => {
      await children.stopAll();
      await endProcessesOn(temporaryFolder);
      rmSync(temporaryFolder, { recursive: true, force: true });
    })();
    return cleaning;
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => {
      interruption.abort();
      void cleanUp().finally(() => process.exit(130));
    });
  process.once("exit", () => children.killAll());
  try {
    return (await bench(options, children, temporaryFolder, interruption.signal)) ? 0 : 1;
  } catch (fault) {
    console.error(fault);
    return 1;
  } finally {
    await cleanUp();
  }
}

process.exit(await main());
