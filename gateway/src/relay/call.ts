import type { KeyRecord } from "../accounts/key-record.ts";
import type { Catalog } from "../catalog/index.ts";
import type { ChannelBook } from "../channels/channel-book.ts";
import type { Clock } from "../clock/clock.ts";
import type { Dialect, Endpoint } from "../dialects/canonical/dialect.ts";
import type { GuardedFetcher } from "../egress/guarded-fetch.ts";
import type { Caller, Egress } from "../egress/upstream.ts";
import type { RelayMetrics } from "../observe/metrics.ts";
import type { Logger } from "../observe/log.ts";
import type { Wallet } from "../wallet/wallet.ts";

/** What the relay works with; wired in main.ts. */
export interface RelayServices {
  channels: ChannelBook;
  catalog: () => Catalog;
  wallet: Wallet;
  egress: Egress;
  fetcher: GuardedFetcher;
  clock: Clock;
  random: () => number;
  /** silence on a stream before a keep-alive, in milliseconds; 0: never */
  keepAliveMs: number;
  /** callers' addresses go into the usage log */
  logAddresses: boolean;
  metrics: RelayMetrics;
  log: Logger;
}

/** One request as a door hands it over: authenticated, its body read. */
export interface RelayCall {
  id: string;
  /** Unix milliseconds of arrival */
  at: number;
  /** monotonic milliseconds of arrival */
  startedAt: number;
  key: KeyRecord;
  dialect: Dialect;
  endpoint: Endpoint;
  /** the caller's, names in lower case */
  headers: Readonly<Record<string, string>>;
  /** headers of every answer to this call */
  ownHeaders: Readonly<Record<string, string>>;
  /** the caller's query for the vendor, with its `?`, without credentials */
  query: string;
  body: Buffer;
  caller: Caller & {
    /** The answer is complete, or will not be: ordinary time-outs count again. */
    served(): void;
  };
  /** the caller's address, asked only when something needs it */
  address: () => string;
}
