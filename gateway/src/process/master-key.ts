import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SecretBox } from "../channels/secrets.ts";
import type { Db } from "../store/database.ts";
import { sealedCredentials } from "../store/queries/channels.ts";
import { reason, StartError } from "./start-error.ts";

/**
 * The box for upstream credentials: its key from the settings, else from a file made at first start. Throws StartError when the database holds credentials that this key does not open, or when
 * the file is gone though there are some: a new key would silently lose them.
 */
export async function openSecretBox(db: Db, settings: { dataDir: string; masterKey: string | undefined }): Promise<SecretBox> {
  const sealed = await sealedCredentials(db);
  const path = join(settings.dataDir, "master.key");
  const box = settings.masterKey === undefined ? boxOfFile(path, sealed.length) : new SecretBox(Buffer.from(settings.masterKey, "base64"));
  for (const { channel, text } of sealed) {
    try {
      box.open(text);
    } catch (error) {
      throw new StartError(
        `The master key (${settings.masterKey === undefined ? path : "YESCALE_MASTER_KEY"}) does not open the credentials of channel "${channel}": ${reason(error)}.\n` +
          "  - bring back the key they were sealed with, or delete the channel and add it again",
      );
    }
  }
  return box;
}

function boxOfFile(path: string, sealed: number): SecretBox {
  if (!existsSync(path)) {
    if (sealed > 0)
      throw new StartError(
        `The master key ${path} is missing, and the database holds ${sealed} credential${sealed === 1 ? "" : "s"} sealed with it.\n` +
          "  - bring the file back, or set YESCALE_MASTER_KEY to the 32 bytes (base64) it held",
      );
    writeFileSync(path, `${SecretBox.newKey().toString("base64")}\n`, { mode: 0o600, flag: "wx" });
  }
  try {
    return new SecretBox(Buffer.from(readFileSync(path, "utf8").trim(), "base64"));
  } catch (error) {
    throw new StartError(`The master key ${path} cannot be used: ${reason(error)}.`);
  }
}
