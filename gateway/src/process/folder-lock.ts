import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, processName } from "../store/embedded/processes.ts";
import { reason, StartError } from "./start-error.ts";

/**
 * One gateway per data folder: a second one would apply and delete the journal that the first is writing. Gives the function that
 * frees the folder. Throws StartError when another living process holds it, or when the folder cannot be written.
 */
export function lockFolder(dataDir: string): () => void {
  const path = join(dataDir, "gateway.lock");
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    if (existsSync(path)) {
      const holder = readFileSync(path, "utf8").trim();
      if (holder !== "" && isAlive(holder)) throw new StartError(`Another gateway (process ${holder.split("-")[0]}) runs on ${dataDir}. Stop it, or set YESCALE_DATA_DIR.`);
      rmSync(path, { force: true });
    }
    writeFileSync(path, processName(process.pid), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`The data folder ${dataDir} (YESCALE_DATA_DIR) cannot be written: ${reason(error)}.`);
  }
  return () => rmSync(path, { force: true });
}
