import type { KeyRecord } from "../../accounts/key-record.ts";
import type { Model } from "../../catalog/index.ts";
import type { Target } from "../../channels/plan.ts";
import type { SessionDialect } from "../../dialects/canonical/session.ts";
import type { VendorSocket } from "../../egress/websocket.ts";
import type { Pass } from "../../limits/limit-book.ts";
import type { Hold } from "../../wallet/lease-book.ts";
import type { RecordAttempt } from "../../wallet/record.ts";
import type { Metadata } from "../../usage/metadata.ts";
import type { RelayServices } from "../call.ts";
import type { Terms } from "../model-access.ts";

/** What a session needs beside the relay's own services. */
export interface SessionServices extends RelayServices {
  newRequestId: () => string;
}

/** A session as a door hands it over: its key is good. */
export interface SessionCall {
  /** told in errors and refusals; each turn has an id of its own */
  id: string;
  at: number;
  startedAt: number;
  dialect: SessionDialect;
  key: KeyRecord;
  /** The key once more, since a session outlasts changes. Throws GatewayError when it is no longer good. */
  recheck: () => KeyRecord;
  /** the caller's, names in lower case */
  headers: Readonly<Record<string, string>>;
  address: () => string;
  /** what the caller says of the session, for its log */
  metadata?: Metadata;
}

/** What a turn is expected to cost, and may cost at worst; nano-dollars. */
export interface TurnCost {
  expectedNano: number;
  worstNano: number;
}

/** What is reserved for a turn. */
export interface Reserved {
  hold: Hold;
  /** its part of the limits, where there are any */
  pass: Pass | undefined;
}

/** An admitted session with its vendor's socket open and the first turn's money reserved. */
export interface Opening {
  model: Model;
  asked: string;
  /** at whose prices */
  terms: Terms;
  priceVersion: string;
  cost: TurnCost;
  /** of the first turn */
  reserved: Reserved;
  /** the session's places among those that may run at a time */
  passes: readonly Pass[];
  target: Target;
  socket: VendorSocket;
  attempts: RecordAttempt[];
}
