/** What the samples of agents share: the guide's settings, the program as npm brings it, folders of its own, and a proxy that tells whether it asked anybody but the gateway. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { argv, env, execPath, exit, platform } from "node:process";
import { check, KEY, URL as GATEWAY } from "../javascript/samples.mjs";

/** Longest time of one run of an agent. */
const RUN_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), "yescale-agent-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
/** The agent's home, and where it works: a folder with the note that holds the word. */
export const [HOME, WORK] = [join(folder, "home"), join(folder, "work")];
export const NOTE = join(WORK, "note.txt");
export const WORD = "heliotrope";
for (const made of [HOME, WORK, join(folder, "tmp")]) mkdirSync(made);
writeFileSync(NOTE, `the secret word is ${WORD}\n`);

const PACKAGES = join(import.meta.dirname, "node_modules");
const versionOf = (program, ...before) => spawnSync(program, [...before, "--version"], { encoding: "utf8", env: { PATH: env.PATH, HOME }, timeout: RUN_MS });

/** Takes an agent's name; gives its guide in `docs/`, with this gateway in it: the text, its first block of a language, and the variables that its commands export. */
export function guideOf(name) {
  const text = readFileSync(new URL(`../../${name}.md`, import.meta.url), "utf8").replaceAll("http://127.0.0.1:3000", GATEWAY);
  const exported = [...text.matchAll(/^export (\w+)=(\S+)/gm)].map(([, variable, value]) => [variable, value.replace("$KEY", KEY)]);
  return { text, block: (language) => text.match(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``))[1], variables: Object.fromEntries(exported) };
}

/** Ends the file, since its agent cannot be started here: said in one line, and no failure. */
export function skip(why) {
  console.log(`skipped: ${basename(argv[1])}, because ${why}`);
  exit(0);
}

/** Takes a file of a package beside the samples, which Node runs; gives the command, or skips where npm did not bring it or this Node cannot start it. */
export function programOf(file) {
  const program = join(PACKAGES, file);
  if (!existsSync(program)) skip(`npm did not bring ${file}`);
  const tried = versionOf(execPath, program);
  if (tried.status !== 0) skip(`it does not start here: ${(tried.stderr || `${tried.error}`).trim().split("\n").at(-1)}`);
  return [execPath, program];
}

/** Takes packages that hold a program for a platform each, and its path in them; gives the command of the first that npm brought and that this processor and C library can start, or skips. */
export function nativeOf(packages, file) {
  const ending = platform === "win32" ? ".exe" : "";
  const found = packages.map((name) => join(PACKAGES, name, `${file}${ending}`)).find((program) => existsSync(program) && versionOf(program).status === 0);
  return found ? [found] : skip(`npm did not bring one that starts here: ${packages.join(", ")}`);
}

/** Takes a file's path below the agent's home and its text; writes it. */
export function settle(path, text) {
  mkdirSync(join(HOME, path, ".."), { recursive: true });
  writeFileSync(join(HOME, path), text);
}

/** Whom the agent asked for through its proxy, which lets nothing through. */
const asked = [];
const proxy = createServer((socket) => {
  socket.on("error", () => {}).once("data", (bytes) => {
    asked.push(bytes.toString("latin1").split("\r\n")[0]);
    socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
  });
});
await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
const dead = `http://127.0.0.1:${proxy.address().port}`;
const PROXIES = Object.fromEntries(["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap((name) => [[name, dead], [name.toLowerCase(), dead]]));

/**
 * Takes a command, the variables it needs and what is typed into it; gives the JSON lines that it prints, after it ended well. It has none of this process's variables but the path, and no other way out than the gateway:
 * asking for one is a failure.
 */
export async function runAgent([program, ...parameters], variables, input = "") {
  asked.length = 0;
  // PWD too: opencode asks it for the folder to work in.
  const own = { PATH: env.PATH, HOME, PWD: WORK, TMPDIR: join(folder, "tmp"), NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1", ...PROXIES, ...variables };
  const child = spawn(program, parameters, { cwd: WORK, env: own, timeout: RUN_MS });
  child.stdin.on("error", () => {}).end(input);
  const [status, out, errors] = await Promise.all([new Promise((resolve, reject) => child.on("close", resolve).on("error", reject)), textOf(child.stdout), textOf(child.stderr)]);
  check(status === 0, { status, out: out.slice(-4_000), errors: errors.slice(-4_000), asked });
  check(asked.length === 0, { asked });
  return out.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
}

async function textOf(stream) {
  let text = "";
  for await (const part of stream.setEncoding("utf8")) text += part;
  return text;
}
