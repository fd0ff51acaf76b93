import type { KeyRecord } from "../accounts/key-record.ts";
import type { AssetStore } from "../assets/asset-store.ts";
import type { Catalog } from "../catalog/index.ts";
import type { ChannelBook } from "../channels/channel-book.ts";
import type { Clock } from "../clock/clock.ts";
import type { Dialect, Endpoint } from "../dialects/canonical/dialect.ts";
import type { JsonScan } from "../dialects/canonical/json-scan.ts";
import type { Limits } from "../limits/limits.ts";
import type { GuardedFetcher } from "../egress/guarded-fetch.ts";
import type { Caller, Egress } from "../egress/upstream.ts";
import type { RelayMetrics } from "../observe/metrics.ts";
import type { Logger } from "../observe/log.ts";
import type { TokenCounter } from "../tokens/token-counter.ts";
import type { Captures } from "../usage/capture.ts";
import type { Metadata } from "../usage/metadata.ts";
import type { Wallet } from "../wallet/wallet.ts";
import type { LargeBuffers } from "./large-buffers.ts";
import type { TranslationWorker } from "./request-translator.ts";

/** Goes along with one answer on its way out, in the caller's own dialect, and may reword it. */
export interface AnswerObserver {
  /** A whole answer, not coded; gives what the caller gets. */
  whole(body: Buffer): Buffer;
  /** One or more whole events of a stream; gives what the caller gets. */
  events(bytes: Buffer): Buffer;
  /** The answer is complete and billed. Gives what its last bytes must wait for, if anything; that never rejects. */
  complete(): Promise<void> | undefined;
}

/** A request with what it refers to in its place. */
export interface Remembered {
  body: Buffer;
  observer: AnswerObserver | undefined;
  /** a wish of the caller's that cannot be met, in its own name */
  dropped?: string;
}

/** Conversations that are kept between requests (`responses/`). */
export interface ConversationMemory {
  /** Undefined: the request stays as it is. Throws GatewayError. */
  begin(call: RelayCall, scan: JsonScan): Promise<Remembered | undefined>;
}

/** What the relay works with; wired in main.ts. */
export interface RelayServices {
  channels: ChannelBook;
  catalog: () => Catalog;
  wallet: Wallet;
  limits: Limits;
  /** bodies of keys whose owners want them kept */
  captures: Captures;
  /** counts where no vendor does */
  tokens: Pick<TokenCounter, "countTokens">;
  /** translates large bodies */
  translationWorker: TranslationWorker;
  /** of `/v1/responses` */
  memory: ConversationMemory;
  /** where the bodies of large requests lie */
  largeBuffers: LargeBuffers;
  egress: Egress;
  fetcher: GuardedFetcher;
  clock: Clock;
  random: () => number;
  /** keeps outputs that callers want as addresses */
  assets: AssetStore;
  /** what stands before `/assets/...`; undefined: the address the caller used */
  assetUrl: string | undefined;
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
  observer?: AnswerObserver | undefined;
  /** what the caller says of the request, for its log */
  metadata?: Metadata;
  caller: Caller & {
    /** The answer is complete, or will not be: ordinary time-outs count again. */
    served(): void;
    /** its address, asked only when something needs it */
    address(): string;
  };
}
