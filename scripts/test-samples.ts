/**
 * Runs the samples of `docs/samples/` against a sandbox gateway that it starts: `npm run test:samples`. JavaScript's clients and coding agents are installed beside the samples, Python's
 * into a virtual environment under the user's cache folder, once per list of requirements. Ends with ` N pass` and ` N fail`, and with 1 after a failure.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..");
const SAMPLES = join(ROOT, "docs/samples");
/** Samples that run at a time: most of their time they load their libraries. */
const AT_A_TIME = 2;
/** Longest time of one file. */
const FILE_MS = 100_000;
const START_MS = 30_000;

interface Sample {
  command: string[];
  folder: string;
}

/** Runs a command to its end; gives whether it succeeded, and all it said. */
async function run(command: string[], folder: string, environment: Record<string, string> = {}): Promise<{ ok: boolean; text: string }> {
  const child = Bun.spawn(command, { cwd: folder, env: { ...process.env, ...environment }, stdin: "ignore", stdout: "pipe", stderr: "pipe", timeout: FILE_MS * 3 });
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { ok: (await child.exited) === 0, text: `${out}${error}` };
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";
const stampOf = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 12);
const filesOf = (folder: string, ending: string): string[] => readdirSync(folder).filter((name) => name.endsWith(ending) && name !== `samples${ending}`).sort();

function skip(language: string, why: string): Sample[] {
  console.log(`skipped: the ${language} samples, because ${why}`);
  return [];
}

/**
 * `locked`: by the folder's package-lock.json. Agents have none: each is one package with its exact version and a program for each platform, of which a registry need not have all; npm leaves out the one it cannot get, and its
 * sample says so.
 */
async function javascript(name: string, locked: boolean): Promise<Sample[]> {
  const folder = join(SAMPLES, name);
  const node = Bun.which("node");
  if (!node || !Bun.which("npm")) return skip(name, "node or npm is not installed");
  const stamp = join(folder, "node_modules/.installed");
  const wanted = stampOf(join(folder, locked ? "package-lock.json" : "package.json"));
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    const installed = await run(["npm", ...(locked ? ["ci"] : ["install", "--no-package-lock"]), "--ignore-scripts", "--no-audit", "--no-fund"], folder);
    if (!installed.ok && !locked) return skip("agents'", `npm could not install docs/samples/${name}/package.json: ${lastLine(installed.text)}`);
    if (!installed.ok) throw new Error(`npm could not install the samples' ${name}: ${installed.text}`);
    writeFileSync(stamp, wanted);
  }
  return filesOf(folder, ".mjs").map((file) => ({ command: [node, file], folder }));
}

async function python(): Promise<Sample[]> {
  const folder = join(SAMPLES, "python");
  const requirements = join(folder, "requirements.txt");
  const system = Bun.which("python3") ?? Bun.which("python");
  if (!system) return skip("Python", "Python is not installed");
  const venv = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "yescale", `samples-${stampOf(requirements)}`);
  const stamp = join(venv, "installed");
  const own = join(venv, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  if (!existsSync(stamp)) {
    const made = await run([system, "-m", "venv", "--clear", venv], folder);
    if (!made.ok) return skip("Python", `Python's venv or pip is missing: ${lastLine(made.text)}`);
    const installed = await run([own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements], folder);
    if (!installed.ok) return skip("Python", `pip could not install docs/samples/python/requirements.txt: ${lastLine(installed.text)}`);
    writeFileSync(stamp, "");
  }
  return filesOf(folder, ".py").map((name) => ({ command: [own, name], folder }));
}

/** A sandbox gateway in a folder of its own; gives its address and key, and how to end it. */
async function startGateway() {
  const dataDir = mkdtempSync(join(tmpdir(), "yescale-samples-"));
  const free = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port } = free;
  await free.stop(true);
  const key = `sk-${"samples".repeat(7).slice(0, 48)}`;
  const child = Bun.spawn([process.execPath, join(ROOT, "gateway/src/main.ts"), "start"], {
    cwd: ROOT,
    env: { ...process.env, HOST: "127.0.0.1", PORT: String(port), YESCALE_DATA_DIR: dataDir, YESCALE_SANDBOX: "on", YESCALE_API_KEY: key, DATABASE_URL: "", YESCALE_CONFIG: "", LOG_LEVEL: "error", BUN_CONFIG_MAX_HTTP_REQUESTS: "65336" },
    stdin: "ignore", stdout: "ignore", stderr: "inherit",
  });
  const url = `http://127.0.0.1:${port}`;
  const limit = performance.now() + START_MS;
  while (!(await fetch(`${url}/readyz`).then((response) => response.ok, () => false))) {
    if (performance.now() > limit || child.exitCode !== null) throw new Error("the gateway did not start");
    await Bun.sleep(100);
  }
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await child.exited;
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { url, key, stop };
}

const samples = [...(await javascript("javascript", true)), ...(await javascript("agents", false)), ...(await python())];
const gateway = await startGateway();
let [passed, failed] = [0, 0];
const waiting = [...samples];

async function work(): Promise<void> {
  for (let sample = waiting.shift(); sample; sample = waiting.shift()) {
    const { ok, text } = await run(sample.command, sample.folder, { YESCALE_URL: gateway.url, YESCALE_API_KEY: gateway.key });
    const good = text.match(/^ok /gm)?.length ?? 0;
    const bad = text.match(/^not ok /gm)?.length ?? 0;
    passed += good;
    // A file that ends badly without naming a sample has failed as a whole.
    failed += ok ? bad : Math.max(bad, 1);
    const skipped = text.match(/^skipped: .*/m)?.[0];
    console.log(ok ? (skipped ?? `${sample.command.at(-1)}: ${good} passed`) : text);
  }
}

try {
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
} finally {
  await gateway.stop();
}
console.log(` ${passed} pass\n ${failed} fail`);
process.exit(failed > 0 ? 1 : 0);
