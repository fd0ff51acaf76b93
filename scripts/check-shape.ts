/**
 * Import directions and file sizes, as ARCHITECTURE.md states them. Run by `npm test`.
 * Types count as imports too: a floor that knows another floor's types depends on it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const ROOT = join(import.meta.dir, "..");
/** Lines a source file may have before it must be parted (tests excepted). */
const FILE_LINES_MAX = 400;

/** Which floors of gateway/src a floor may import from, beside itself. */
const FLOORS: Record<string, string[]> = {
  "main.ts": ["*"],
  "cli.ts": ["*"],
  testing: ["*"],
  "config.ts": ["settings"],
  "table.ts": [],
  settings: [],
  // Sign-in; sends mails and asks other sign-in servers by better-auth's and nodemailer's own sockets.
  identity: ["accounts", "limits", "store", "catalog", "settings", "errors", "clock", "observe"],
  clock: [],
  errors: [],
  observe: ["config.ts"],
  dialects: ["errors"],
  vendors: ["dialects", "errors"],
  store: ["config.ts", "observe", "errors", "clock"],
  catalog: ["store", "dialects", "errors", "observe"],
  channels: ["store", "vendors", "dialects", "catalog", "errors", "clock", "observe", "config.ts"],
  accounts: ["store", "errors", "clock", "observe"],
  wallet: ["store", "errors", "clock", "observe"],
  limits: ["errors", "clock"],
  usage: ["store", "errors", "clock", "observe"],
  egress: ["errors", "clock"],
  assets: ["errors", "clock"],
  workers: [],
  tokens: ["dialects", "workers", "errors"],
  relay: ["tokens", "workers", "limits", "usage", "channels", "wallet", "catalog", "dialects", "vendors", "egress", "assets", "accounts", "errors", "clock", "observe"],
  // Of the relay the two rules that both ways share: how a request to a vendor is signed, which models a key may use.
  tasks: ["relay", "limits", "channels", "catalog", "dialects", "vendors", "egress", "assets", "accounts", "store", "errors", "clock", "observe"],
  // Money that comes in; asks Stripe by its own library's sockets.
  payments: ["accounts", "catalog", "store", "settings", "errors", "clock", "observe"],
  // What accounts are told.
  notices: ["identity", "egress", "store", "catalog", "errors", "clock", "observe"],
  responses: ["relay", "store", "catalog", "dialects", "errors", "clock", "observe"],
  // Questions to vendors beside callers' requests: tests of credentials, lists of models, balances; and whether the books agree.
  upkeep: ["relay", "channels", "vendors", "catalog", "dialects", "egress", "store", "errors", "clock"],
  // Databases of New API and One API: read, planned, taken over.
  importing: ["channels", "vendors", "catalog", "accounts", "store", "errors"],
  // Of the vendors the words of the tasks' adapter (_kit/media).
  doors: ["importing", "identity", "payments", "upkeep", "relay", "tasks", "vendors", "responses", "tokens", "limits", "usage", "egress", "assets", "accounts", "wallet", "catalog", "channels", "dialects", "errors", "observe", "clock", "config.ts", "store"],
  process: ["*"],
  cli: ["*"],
};

const sourceFiles = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes("node_modules"))
    .map((name) => join(folder, name));

const floorOf = (path: string): string => path.split("/")[0] ?? path;

const faults: string[] = [];

/** What a file imports, types included: `from "x"`, `import "x"` and `import("x")`. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/(?:^|\s)(?:from|import)\s*\(?\s*"([^"]+)"/gm)].map((match) => match[1] ?? "");
}

function checkGatewayImport(file: string, target: string): void {
  const from = relative("gateway/src", file);
  const to = relative(join(ROOT, "gateway/src"), join(ROOT, dirname(file), target));
  if (to.startsWith("..")) {
    faults.push(`${file}: leaves the gateway by ${target}; import the workspace by its name`);
    return;
  }
  const [a, b] = [floorOf(from), floorOf(to)];
  if (b === "table.ts") return; // a way of writing constants; knows nothing
  if (b === "main.ts") faults.push(`${file}: nothing imports main.ts`);
  if (a === "vendors" && b === "vendors") {
    const [mine, theirs] = [from.split("/")[1], to.split("/")[1]];
    if (from.includes("/") && mine !== theirs && theirs !== "_kit" && mine !== "registry.ts")
      faults.push(`${file}: a vendor imports another vendor (${target})`);
  }
  if (a === "dialects" && b === "dialects") {
    const [mine, theirs] = [from.split("/")[1], to.split("/")[1]];
    if (mine !== theirs && theirs !== "canonical" && mine !== "registry.ts")
      faults.push(`${file}: a dialect imports another dialect (${target})`);
  }
  if (a === b) return;
  const allowed = FLOORS[a];
  if (!allowed) faults.push(`${file}: floor ${a} is not in scripts/check-shape.ts`);
  else if (!allowed.includes("*") && !allowed.includes(b)) faults.push(`${file}: ${a} may not import ${b} (${target})`);
}

for (const file of sourceFiles("gateway/src")) {
  const isTest = file.endsWith(".test.ts") || file.includes("/testing/");
  const text = readFileSync(join(ROOT, file), "utf8");
  if (!isTest) {
    for (const target of importsOf(file)) {
      if (target.startsWith(".")) checkGatewayImport(file, target);
      else if (target.startsWith("@yescale/simulators")) faults.push(`${file}: the gateway never imports the simulators`);
    }
    if (/process\.env|Bun\.env/.test(text) && !file.endsWith("/config.ts"))
      faults.push(`${file}: only config.ts reads the environment`);
    if (/\bsql`|\bpool\.query\(|\bclient\.query\(/.test(text) && !file.startsWith("gateway/src/store/"))
      faults.push(`${file}: SQL lives in store/ only`);
    for (const [, name] of text.matchAll(/^(?:export )?const ([A-Z][A-Z_0-9]*): [^=]*?Record<string, .*?> = \{\s*\S/gm))
      if (name !== "CORS_HEADERS" && name !== "DEFAULTS") faults.push(`${file}: ${name} finds "constructor" and "__proto__" too; write it as table({ ... }) of table.ts`);
  }
}

for (const file of sourceFiles("simulators/src"))
  for (const target of importsOf(file))
    if (target.includes("gateway")) faults.push(`${file}: a simulator imports nothing from the gateway (${target})`);

for (const folder of ["gateway/src", "contract/src", "simulators/src", "bench/src", "scripts"])
  for (const file of sourceFiles(folder)) {
    if (file.endsWith(".test.ts")) continue;
    const lines = readFileSync(join(ROOT, file), "utf8").split("\n").length;
    if (lines > FILE_LINES_MAX) faults.push(`${file}: ${lines} lines, ${FILE_LINES_MAX} at most: part it by subject`);
  }

if (faults.length > 0) {
  console.error(faults.join("\n"));
  console.error(`shape: ${faults.length} faults`);
  process.exit(1);
}
console.log("shape: imports point down, files are small");
