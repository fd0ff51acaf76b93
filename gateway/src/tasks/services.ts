import type { AssetStore } from "../assets/asset-store.ts";
import type { Catalog } from "../catalog/index.ts";
import type { ChannelBook } from "../channels/channel-book.ts";
import type { Clock } from "../clock/clock.ts";
import type { GuardedFetcher } from "../egress/guarded-fetch.ts";
import type { Downloader } from "../egress/download.ts";
import type { Egress } from "../egress/upstream.ts";
import type { Logger } from "../observe/log.ts";
import type { Limits } from "../limits/limits.ts";
import type { RelayMetrics } from "../observe/metrics.ts";
import type { Db } from "../store/database.ts";

/** What tasks work with; wired in process/. */
export interface TaskServices {
  db: Db;
  /** this process, as `processes` knows it */
  processId: string;
  channels: ChannelBook;
  catalog: () => Catalog;
  /** frees what is leased of a budget and not needed (LeaseBook.reclaim) */
  reclaim(budgetId: number): Promise<void>;
  /** what has been charged here so far is in the database when this resolves */
  flush(): Promise<unknown>;
  limits: Limits;
  egress: Egress;
  fetcher: GuardedFetcher;
  downloader: Downloader;
  assets: AssetStore;
  /** our own address as the world (or only this host) reaches it, without a slash at the end */
  publicUrl: () => string;
  /** where vendors may call us back: the public address; a simulator may use this host's. Undefined: nowhere. */
  callbackUrl: (simulated: boolean) => string | undefined;
  clock: Clock;
  random: () => number;
  metrics: RelayMetrics;
  log: Logger;
}
