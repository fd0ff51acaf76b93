import { mkdir, open, readdir, rename, rm, statfs, unlink } from "node:fs/promises";
import { join } from "node:path";
import { AssetError, type AssetSource, type AssetStorage, measured, type Opened, type Written } from "./storage.ts";

/** Free space is looked at again after this many bytes of one file. */
const SPACE_CHECK_BYTES = 64 * 1024 * 1024;
const DAY = /^\d{8}$/;
/** What a crash left half-written is removed once it is this old (ms): no upload takes a day. */
const LEFTOVER_MS = 86_400_000;

/** Files in a folder, one folder a day. A file appears under its name only once it is whole. */
export class DiskStorage implements AssetStorage {
  /**
   * `folder`: absolute. `freeBytesMin`: the disk is shared with the database and the journal, so this much of it stays free.
   * `freeBytes` is told by the system unless a test says otherwise.
   */
  constructor(
    private readonly folder: string,
    private readonly freeBytesMin: number,
    private readonly freeBytes: (folder: string) => Promise<number> = freeBytesOf,
  ) {}

  async write(name: string, day: string, source: AssetSource, bytesMax: number): Promise<Written> {
    const [unfinished, home] = [join(this.folder, "unfinished"), join(this.folder, day)];
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    await this.requireSpace(source instanceof Uint8Array ? source.length : 0);
    const path = join(unfinished, name);
    const file = await open(path, "wx", 0o600);
    let written: Written | undefined;
    try {
      let unchecked = 0;
      for await (const piece of measured(source, bytesMax, (result) => (written = result))) {
        unchecked += piece.length;
        if (unchecked > SPACE_CHECK_BYTES) {
          await this.requireSpace(0);
          unchecked = 0;
        }
        await writeAll(file, piece);
      }
      await file.close();
      await mkdir(home, { recursive: true, mode: 0o700 });
      await rename(path, join(home, name));
    } catch (error) {
      await file.close().catch(() => undefined);
      await unlink(path).catch(() => undefined);
      throw asAssetError(error);
    }
    if (!written) throw new AssetError("storage", "nothing was written");
    return written;
  }

  async open(name: string, day: string): Promise<Opened | undefined> {
    const file = Bun.file(join(this.folder, day, name));
    if (!(await file.exists())) return undefined;
    return { size: file.size, body: (start, end) => file.slice(start, end) };
  }

  async sweep(gone: (day: string) => boolean): Promise<number> {
    const days = (await readdir(this.folder).catch(() => [])).filter((day) => DAY.test(day) && gone(day));
    for (const day of days) await rm(join(this.folder, day), { recursive: true, force: true });
    await this.removeLeftovers();
    return days.length;
  }

  private async removeLeftovers(): Promise<void> {
    const folder = join(this.folder, "unfinished");
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      if (Date.now() - Bun.file(path).lastModified > LEFTOVER_MS) await unlink(path).catch(() => undefined);
    }
  }

  private async requireSpace(bytes: number): Promise<void> {
    const free = await this.freeBytes(this.folder);
    if (free - bytes < this.freeBytesMin) throw new AssetError("no_space", `${free} bytes free, ${this.freeBytesMin} must stay so`);
  }
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length; ) at += (await file.write(piece, at)).bytesWritten;
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function asAssetError(error: unknown): AssetError {
  if (error instanceof AssetError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return new AssetError(code === "ENOSPC" || code === "EDQUOT" ? "no_space" : "storage", error instanceof Error ? error.message : String(error));
}
