import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SecretBox } from "../channels/secrets.ts";

/** The box for upstream credentials: its key from the settings, else from a file made at first start. */
export function openSecretBox(dataDir: string, fromSettings: string | undefined): SecretBox {
  if (fromSettings !== undefined) return new SecretBox(Buffer.from(fromSettings, "base64"));
  const path = join(dataDir, "master.key");
  if (!existsSync(path)) writeFileSync(path, `${SecretBox.newKey().toString("base64")}\n`, { mode: 0o600, flag: "wx" });
  return new SecretBox(Buffer.from(readFileSync(path, "utf8").trim(), "base64"));
}
