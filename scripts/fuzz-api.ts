/**
 * Asks a sandbox gateway everything that its OpenAPI document allows, and much that it does not, as everybody who may: `npm run fuzz [-- cases per operation [part of a kind's name]]`; `npm run fuzz -- quick` asks each kind for 8 seconds, as CI does. Schemathesis (PyPI) makes the requests and holds every answer
 * against the document: no status that is not described, no body of another shape, no 5xx of ours. It is installed into a virtual environment under the user's cache folder, once per version; where Python or the
 * registry is missing, one line says so and nothing is tested. Ends with ` N pass` and ` N fail`, one for each kind of caller, and with 1 after a failure.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..");
const START_MS = 60_000;
const RUN_MS = 900_000;
const CASES_DEFAULT = 10;
/** Of `quick`: a minute in all, beside the start. */
const QUICK = { word: "quick", cases: 2, seconds: 8 };
/** The same requests each time. */
const SEED = "1";
const CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
/** Addresses of the management APIs; all others lead to vendors. */
const MANAGEMENT = "^/(yescale|api|mcp|v1/dashboard|dashboard)";
/** After these the credential that asks is another, or none. */
const CREDENTIAL_ENDING = "^/api/user/token$|^/api/account/access-key$|^/api/auth/(sign-out|revoke-)|^/api/admin/users/\\{id\\}/reset$";
/** Letters of what is told of failures. */
const SAID_LENGTH_MAX = 40_000;
const PASSWORD = "correct horse battery";

/** The program, installed if need be; undefined where it cannot be. */
async function schemathesis(): Promise<string | undefined> {
  const system = Bun.which("python3") ?? Bun.which("python");
  if (!system) return undefined;
  const requirements = join(import.meta.dir, "fuzz-requirements.txt");
  const stamp = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const venv = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "yescale", `fuzz-${stamp}`);
  const bin = join(venv, process.platform === "win32" ? "Scripts" : "bin");
  if (!existsSync(join(venv, "installed"))) {
    for (const command of [[system, "-m", "venv", venv], [join(bin, "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]])
      if ((await Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "ignore" }).exited) !== 0) return undefined;
    writeFileSync(join(venv, "installed"), "");
  }
  return join(bin, "schemathesis");
}

function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as { port: number };
    server.close(() => resolve(port));
  });
  return promise;
}

const secret = (): string => Bun.randomUUIDv7().replaceAll("-", "").repeat(2).slice(0, 48);

interface Kind {
  name: string;
  headers: Record<string, string>;
  /** paths that it asks */
  paths: string;
  cases: number;
}

/** A kind of caller each, with a credential of its own. */
async function kinds(url: string, owner: string, cases: number): Promise<Kind[]> {
  const as = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
  const ask = async (path: string, body: unknown, key: string): Promise<Record<string, string>> => {
    const response = await fetch(`${url}${path}`, { method: "POST", headers: { ...as(key), "content-type": "application/json" }, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, string>;
  };
  /** An account with money, its access key and an API key. */
  const person = async (username: string, role: number) => {
    const { id } = await ask("/api/admin/users", { username, role, password: PASSWORD }, owner);
    await ask(`/api/admin/users/${id}/credit`, { usd: "50", reason: "fuzz", ref: username }, owner);
    const { access_key = "" } = await ask(`/api/admin/users/${id}/reset`, { what: "access_key" }, owner);
    const { data } = (await ask("/yescale/createkey", { name: "fuzz" }, access_key)) as unknown as { data: { key: string } };
    return { accessKey: access_key, apiKey: data.key };
  };
  const [user, operator, signedIn] = [await person("fuzz-user", 1), await person("fuzz-operator", 10), await person("fuzz-session", 1)];
  const session = await fetch(`${url}/api/auth/sign-in/username`, { method: "POST", headers: { "content-type": "application/json", origin: url }, body: JSON.stringify({ username: "fuzz-session", password: PASSWORD }) });
  const cookie = session.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
  return [
    { name: "nobody", headers: {}, paths: MANAGEMENT, cases: Math.ceil(cases / 4) },
    { name: "an API key, at models", headers: as(user.apiKey), paths: "^/(?!yescale|api|mcp|v1/dashboard|dashboard)", cases: Math.ceil(cases / 2) },
    { name: "an API key", headers: as(signedIn.apiKey), paths: MANAGEMENT, cases: Math.ceil(cases / 4) },
    { name: "a user", headers: as(user.accessKey), paths: MANAGEMENT, cases },
    { name: "a session", headers: { cookie, origin: url, "sec-fetch-site": "same-origin" }, paths: MANAGEMENT, cases },
    { name: "an operator", headers: as(operator.accessKey), paths: MANAGEMENT, cases },
    { name: "the owner", headers: as(owner), paths: MANAGEMENT, cases },
  ];
}

async function fuzz(program: string, folder: string, url: string, { name, headers, paths, cases }: Kind, seconds: number | undefined): Promise<boolean> {
  const child = Bun.spawn(
    [
      program, "run", `${url}/openapi.json`, "--url", url, "--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", String(cases), "--seed", SEED, "--workers", "2", "--include-path-regex", paths,
      "--exclude-path-regex", CREDENTIAL_ENDING, "--suppress-health-check", "all", "--warnings", "off", "--no-color", "--request-timeout", "60", ...(seconds === undefined ? [] : ["--max-time", String(seconds)]), ...Object.entries(headers).flatMap(([header, value]) => ["--header", `${header}: ${value}`]),
    ],
    { cwd: folder, stdin: "ignore", stdout: "pipe", stderr: "pipe", timeout: RUN_MS },
  );
  const [said, failed] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const clean = (await child.exited) === 0;
  // The program's own generator may give up at an address, or Python's parser in it ("AST constructor": two threads on Python 3.11), which says nothing of the gateway: the line tells where.
  const gaveUp = !clean && /Inconsistent results|AST constructor recursion depth mismatch/.test(said) && !/\bST\d{3}\b/.test(said);
  const good = clean || gaveUp;
  console.log(`${good ? "pass" : "fail"}: ${name}: ${/(\d+) generated/.exec(said)?.[1] ?? "no"} requests${gaveUp ? `; the generator gave up at ${/^_{5,} (.+?) _{5,}$/m.exec(said)?.[1] ?? "an address"}` : ""}`);
  if (!good) console.log(said.slice(Math.max(0, said.indexOf("= FAILURES"))).slice(0, SAID_LENGTH_MAX) + failed.slice(-5_000));
  return good;
}

const [, , wanted = String(CASES_DEFAULT), only = ""] = process.argv;
const quick = wanted === QUICK.word;
const cases = quick ? QUICK.cases : Number(wanted);
const program = await schemathesis();
if (program === undefined) {
  console.log("skipped: the API was not fuzzed, because Python or schemathesis (PyPI) cannot be had here");
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), "yescale-fuzz-"));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const owner = secret();
const gateway = Bun.spawn([process.execPath, join(ROOT, "gateway/src/main.ts"), "start"], {
  cwd: folder,
  env: { ...process.env, PORT: String(port), YESCALE_DATA_DIR: folder, YESCALE_SANDBOX: "on", YESCALE_ACCESS_KEY: owner, YESCALE_FAILED_KEYS_PER_MINUTE: "0", YESCALE_PUBLIC_URL: url, LOG_LEVEL: "error", BUN_CONFIG_MAX_HTTP_REQUESTS: "65336" },
  stdin: "ignore",
  stdout: "ignore",
  stderr: "inherit",
});
let passed = 0;
let failed = 0;
try {
  for (const until = Date.now() + START_MS; !(await fetch(`${url}/readyz`).then((response) => response.ok).catch(() => false)); await Bun.sleep(100)) if (Date.now() > until) throw new Error("the gateway did not start");
  for (const kind of (await kinds(url, owner, cases)).filter(({ name }) => name.includes(only))) {
    if (await fuzz(program, folder, url, kind, quick ? QUICK.seconds : undefined)) passed += 1;
    else failed += 1;
  }
} finally {
  gateway.kill();
  await gateway.exited;
  rmSync(folder, { recursive: true, force: true });
}
console.log(` ${passed} pass\n ${failed} fail`);
process.exit(failed > 0 ? 1 : 0);
