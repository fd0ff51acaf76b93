import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, processName } from "../store/embedded/processes.ts";

/**
 * One gateway per data folder: a second one would apply and delete the journal that the first is writing. Gives the function that
 * frees the folder. Throws when another living process holds it.
 */
export function lockFolder(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, "gateway.lock");
  if (existsSync(path)) {
    const holder = readFileSync(path, "utf8").trim();
    if (holder !== "" && isAlive(holder)) throw new Error(`Another gateway (process ${holder.split("-")[0]}) runs on ${dataDir}. Stop it, or set YESCALE_DATA_DIR.`);
    rmSync(path, { force: true });
  }
  writeFileSync(path, processName(process.pid), { flag: "wx", mode: 0o600 });
  return () => rmSync(path, { force: true });
}
