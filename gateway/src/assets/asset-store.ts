import { isExpired, newAssetName, readAssetName } from "./asset-name.ts";
import type { AssetSource, AssetStorage, Opened, Written } from "./storage.ts";
import type { AssetType } from "./asset-name.ts";

/** Largest file kept: an hour of video in 4K. */
export const ASSET_BYTES_MAX = 4 * 1024 * 1024 * 1024;
/** How often expired files are looked for. Files have days, so an hour is soon enough; at the door an expired one is gone at once. */
const SWEEP_MS = 3_600_000;

/** A file that was kept. */
export interface Asset extends Written {
  name: string;
  /** Unix milliseconds after which it may be gone; undefined: kept for ever */
  expiresAt: number | undefined;
}

/** What the store needs of the outside. */
export interface AssetOutside {
  now: () => number;
  randomBytes: (count: number) => Uint8Array;
}

/**
 * Outputs of models, kept under names that nobody can guess: who has the name may read the file, and nobody can list them. `days`: how long a file lives at least; 0: for ever.
 */
export class AssetStore {
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly storage: AssetStorage,
    private readonly days: number,
    private readonly outside: AssetOutside = { now: Date.now, randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)) },
  ) {}

  /** Keeps a file, whole or not at all, while it is digested; memory does not grow with it. Throws AssetError. */
  async put(source: AssetSource, contentType: string, bytesMax: number = ASSET_BYTES_MAX): Promise<Asset> {
    const name = newAssetName(this.outside.now(), contentType, this.outside.randomBytes);
    const about = readAssetName(name);
    if (!about) throw new Error(`a name that cannot be read: ${name}`);
    const written = await this.storage.write(name, about.day, source, bytesMax);
    return { ...written, name, expiresAt: this.days === 0 ? undefined : about.dayUnixMs + (this.days + 1) * 86_400_000 };
  }

  /** A kept file by its name; undefined for one that is unknown or expired. */
  async open(name: string): Promise<(Opened & { kind: AssetType }) | undefined> {
    const about = readAssetName(name);
    if (!about || isExpired(about.dayUnixMs, this.days, this.outside.now())) return undefined;
    const opened = await this.storage.open(name, about.day);
    return opened && { ...opened, kind: about.kind };
  }

  /** Removes what is expired; gives how many days (disk) or files (S3) went. */
  sweep(): Promise<number> {
    return this.storage.sweep((day) => {
      const dayUnixMs = Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}T00:00:00Z`);
      return !Number.isNaN(dayUnixMs) && isExpired(dayUnixMs, this.days, this.outside.now());
    });
  }

  /** Sweeps now and every hour until `stop`. `failed` is told what goes wrong. */
  start(failed: (error: unknown) => void): void {
    const sweep = (): void => void this.sweep().catch(failed);
    sweep();
    this.timer = setInterval(sweep, SWEEP_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
