import { existsSync } from "node:fs";
import { join } from "node:path";
import { within } from "../process/wait.ts";
import { Row } from "../report/row.ts";
import { REPOSITORY } from "../targets/gateway-process.ts";
import { GATEWAY } from "../targets/target.ts";
import type { Context } from "./context.ts";

const MEASURE = join(REPOSITORY, "gateway/src/tokens/measure-held.ts");
const HELD_MS_MAX = 2;
const WAIT_MS = 120_000;

/** How long the tokenizer holds the gateway's event loop, as the gateway's own program measures it. */
export async function tokenizer(context: Context, scenario: string): Promise<void> {
  if (!existsSync(MEASURE)) return;
  const child = context.children.start({ command: [process.execPath, MEASURE], environment: {}, stderr: "inherit" });
  try {
    const text = await within(new Response(child.stdout).text(), WAIT_MS, "measure-held");
    const told = JSON.parse(text.trim().split("\n").at(-1) ?? "") as { prose: number; chinese: number };
    const row = new Row(scenario, "event loop held by the tokenizer, ms", { comparable: false, goal: { text: `≤ ${HELD_MS_MAX} ms`, met: (measured) => (measured.median(GATEWAY) ?? Number.NaN) <= HELD_MS_MAX } });
    row.record(GATEWAY, Math.max(told.prose, told.chinese));
    context.rows.push(row);
  } finally {
    await context.children.stop(child);
  }
}
