import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { arch, env, platform } from "node:process";
import { check, KEY, runWith, URL as GATEWAY } from "../javascript/samples.mjs";

/** opencode itself, with the settings of `docs/opencode.md`, reads a file with its own tool and tells what is in it. It reaches nothing but the gateway. */
const guide = readFileSync(new URL("../../opencode.md", import.meta.url), "utf8");
const settings = JSON.parse(guide.match(/```json\n([^]*?)```/)[1].replaceAll("http://127.0.0.1:3000", GATEWAY));
const models = Object.entries(settings.provider).flatMap(([provider, { models }]) => Object.keys(models).map((model) => `${provider}/${model}`));

const program = findProgram();
const folder = mkdtempSync(join(tmpdir(), "yescale-opencode-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "opencode.json"), JSON.stringify(settings));
writeFileSync(join(folder, "note.txt"), "the secret word is heliotrope\n");

/** The program of this platform as its package brings it (`opencode-ai` links it in an install script, which is not run here): the first that this processor and C library can start. */
function findProgram() {
  const { resolve } = createRequire(import.meta.url);
  const name = `opencode-${platform === "win32" ? "windows" : platform}-${arch}`;
  for (const kind of ["", "-baseline", "-musl", "-baseline-musl"])
    try {
      const found = join(dirname(resolve(`${name}${kind}/package.json`)), "bin", platform === "win32" ? "opencode.exe" : "opencode");
      if (spawnSync(found, ["--version"]).status === 0) return found;
    } catch {
      // not installed on this platform
    }
  throw new Error(`no opencode for ${platform} ${arch}`);
}

async function toolRound(model) {
  // PWD too: opencode asks it for the folder to work in.
  const home = { HOME: folder, PWD: folder, XDG_CONFIG_HOME: join(folder, "config"), XDG_DATA_HOME: join(folder, "data"), XDG_CACHE_HOME: join(folder, "cache"), XDG_STATE_HOME: join(folder, "state") };
  const ran = spawnSync(program, ["run", "--format", "json", "-m", model], {
    cwd: folder, input: `Call read with {"filePath":${JSON.stringify(join(folder, "note.txt"))}}`, encoding: "utf8", timeout: 60_000,
    env: { ...env, ...home, YESCALE_API_KEY: KEY, OPENCODE_DISABLE_MODELS_FETCH: "1", OPENCODE_DISABLE_AUTOUPDATE: "1" },
  });
  const events = ran.stdout.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
  const parts = events.flatMap(({ part }) => part ?? []);
  const steps = parts.map((part) => (part.type === "tool" ? `${part.tool} ${part.state.status}` : part.type === "step-finish" ? part.reason : part.type));
  check(ran.status === 0 && steps.join(", ") === "step-start, read completed, tool-calls, step-start, text, stop", { steps, error: ran.stderr.slice(-2_000), events });
  check(parts.find((part) => part.type === "text").text.includes("heliotrope"), parts);
  for (const { tokens } of parts.filter((part) => part.type === "step-finish")) check(tokens.input + tokens.cache.read > 1_000 && tokens.output > 0, tokens);
}

await runWith(models, toolRound);
