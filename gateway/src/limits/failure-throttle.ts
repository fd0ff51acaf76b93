import ipaddr from "ipaddr.js";
import type { Clock } from "../clock/clock.ts";

const MINUTE_MS = 60_000;
/** Names that are remembered of a minute: about 5 MB. Who owns more addresses than these is not held up by counting them. */
const NAMES_MAX = 50_000;
/** Of an IPv6 address the part that a provider gives to one customer (RFC 6177): the rest is free to change. */
const IPV6_BITS = 64;

/** Counts by name within a minute, up to a number. */
export class MinuteTally {
  private current = new Map<string, number>();
  private minute = 0;

  constructor(
    private readonly clock: Clock,
    public max: number,
  ) {}

  /** Counts one. Gives the seconds until the count begins anew, or undefined while it is within its number. */
  add(name: string): number | undefined {
    const now = this.clock.monotonic();
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.minute) {
      this.minute = minute;
      this.current = new Map();
    }
    const count = this.current.get(name) ?? 0;
    if (count >= this.max) return Math.max(1, Math.ceil(((minute + 1) * MINUTE_MS - now) / 1000));
    if (count > 0 || this.current.size < NAMES_MAX) this.current.set(name, count + 1);
    return undefined;
  }

  /** The same without counting. */
  over(name: string): number | undefined {
    const now = this.clock.monotonic();
    const minute = Math.floor(now / MINUTE_MS);
    return minute === this.minute && (this.current.get(name) ?? 0) >= this.max ? Math.max(1, Math.ceil(((minute + 1) * MINUTE_MS - now) / 1000)) : undefined;
  }

  /** Names remembered. */
  get size(): number {
    return this.current.size;
  }
}

/**
 * Counts failed tries by address. It only says how a refusal is told: a valid credential is never asked about, so that whoever shares an address with a
 * flood is served as ever.
 */
export class FailureThrottle {
  private readonly tally: MinuteTally;

  constructor(
    clock: Clock,
    /** failed tries of one address in a minute that all processes together answer as what they are; 0: all are */
    private readonly max: number,
  ) {
    this.tally = new MinuteTally(clock, max);
  }

  /** Processes that callers may reach. Each has its share: counting together would cost a flood a question to the store, and who is told to wait too early has lost nothing. */
  set processes(count: number) {
    this.tally.max = Math.ceil(this.max / Math.max(1, count));
  }

  /** Notes a failed try. Gives the seconds until tries of the address are listened to again, or undefined while it has tries left. */
  failed(address: string): number | undefined {
    return this.max === 0 ? undefined : this.tally.add(networkOf(address));
  }

  /** The seconds for which an address has no tries left; undefined while it has some. */
  over(address: string): number | undefined {
    return this.max === 0 ? undefined : this.tally.over(networkOf(address));
  }

  /** Addresses remembered. */
  get size(): number {
    return this.tally.size;
  }
}

/** Who an address stands for: an IPv4 address itself, the first 64 bits of an IPv6 one. */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  if (!ipaddr.isValid(address)) return "";
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return parsed.toByteArray().slice(0, IPV6_BITS / 8).join(".");
}
