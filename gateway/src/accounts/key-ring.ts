import { hash } from "node:crypto";
import { GatewayError } from "../errors/gateway-error.ts";
import type { Clock } from "../clock/clock.ts";
import { CREDENTIAL_LENGTH_MAX } from "./api-key.ts";
import { KEY_STATUS, type KeyRecord, type KeyRow, keyRecord } from "./key-record.ts";

/** Where keys come from: all of them, those of one user, or one. */
export interface KeySource {
  all(): Promise<KeyRow[]>;
  ofUser(userId: number): Promise<KeyRow[]>;
  ofOrganisation(organisationId: number): Promise<KeyRow[]>;
  one(keyId: number): Promise<KeyRow | undefined>;
}

/**
 * All API keys in memory, found by the whole SHA-256 of what the caller presented: no query on the way of a request, and a
 * flood of invalid keys costs one hash each. About 0.5 kB a key.
 */
export class KeyRing {
  private byHash = new Map<string, KeyRecord>();
  private hashOf = new Map<number, string>();

  constructor(
    private readonly source: KeySource,
    private readonly clock: Clock,
  ) {}

  /** Reads everything again: at start, and after the change messages were interrupted. */
  async load(): Promise<void> {
    const rows = await this.source.all();
    this.byHash = new Map();
    this.hashOf = new Map();
    for (const row of rows) this.put(row);
  }

  /** A key was made, edited or deleted. */
  async keyChanged(keyId: number): Promise<void> {
    const row = await this.source.one(keyId);
    const old = this.hashOf.get(keyId);
    if (old !== undefined) this.byHash.delete(old);
    this.hashOf.delete(keyId);
    if (row) this.put(row);
  }

  /** A user was made, disabled or enabled. */
  async userChanged(userId: number): Promise<void> {
    for (const row of await this.source.ofUser(userId)) this.put(row);
  }

  /** An organisation or its members changed. */
  async organisationChanged(organisationId: number): Promise<void> {
    for (const row of await this.source.ofOrganisation(organisationId)) this.put(row);
  }

  get size(): number {
    return this.byHash.size;
  }

  /**
   * The key behind a credential, checked for status, expiry, owner and address. `address` is asked only when the key has an allow-list.
   * Throws GatewayError missingKey, invalidKey, expiredKey, keyDisabled, userDisabled, addressNotAllowed, insufficientKey.
   */
  authenticate(credential: string | undefined, address: () => string): KeyRecord {
    const record = this.found(credential);
    if (record.status === KEY_STATUS.expired || (record.expiresAtMs !== undefined && record.expiresAtMs <= this.clock.now()))
      throw new GatewayError("expiredKey");
    if (record.status === KEY_STATUS.usedUp) throw new GatewayError("insufficientKey");
    if (record.status !== KEY_STATUS.active) throw new GatewayError("keyDisabled");
    refuseStrangers(record, address);
    return record;
  }

  /**
   * The key behind a credential, though it may be disabled, expired or used up: for questions about the key itself.
   * Throws GatewayError missingKey, invalidKey, userDisabled, addressNotAllowed.
   */
  identify(credential: string | undefined, address: () => string): KeyRecord {
    const record = this.found(credential);
    refuseStrangers(record, address);
    return record;
  }

  private found(credential: string | undefined): KeyRecord {
    if (credential === undefined || credential === "") throw new GatewayError("missingKey");
    const record = credential.length > CREDENTIAL_LENGTH_MAX ? undefined : this.byHash.get(hash("sha256", credential, "base64url"));
    if (!record) throw new GatewayError("invalidKey");
    return record;
  }

  private put(row: KeyRow): void {
    const digest = row.hash.toString("base64url");
    this.byHash.set(digest, keyRecord(row));
    this.hashOf.set(Number(row.id), digest);
  }
}

function refuseStrangers(record: KeyRecord, address: () => string): void {
  if (!record.userEnabled) throw new GatewayError("userDisabled");
  if (record.addresses && !record.addresses.has(address())) throw new GatewayError("addressNotAllowed");
}
