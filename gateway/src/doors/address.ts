import { isIP } from "node:net";
import { AddressList, plainAddress } from "../accounts/address-list.ts";

/**
 * The caller's address: the socket's, or what trusted proxies in front of us say of it (the last address in X-Forwarded-For that is not theirs). An entry
 * that is no address tells nothing, and neither does what stands before it: then it is the last proxy that is known.
 */
export class CallerAddress {
  private readonly trusted: AddressList | undefined;

  /** `trustedProxies`: addresses and ranges; throws for what is neither. */
  constructor(trustedProxies: readonly string[]) {
    this.trusted = trustedProxies.length > 0 ? new AddressList(trustedProxies) : undefined;
  }

  of(socketAddress: string, forwardedFor: string | null): string {
    if (!this.trusted || forwardedFor === null || !this.trusted.has(socketAddress)) return plainAddress(socketAddress);
    let known = socketAddress;
    for (const hop of forwardedFor.split(",").toReversed()) {
      const address = withoutPort(hop.trim());
      if (isIP(address) === 0) break;
      known = address;
      if (!this.trusted.has(address)) break;
    }
    return plainAddress(known);
  }
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const withoutPort = (hop: string): string => /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(hop)?.[1] ?? hop;
