import { AddressList } from "../accounts/address-list.ts";

/** The caller's address: the socket's, or what trusted proxies in front of us say of it (the last address in X-Forwarded-For that is not theirs). */
export class CallerAddress {
  private readonly trusted: AddressList | undefined;

  /** `trustedProxies`: addresses and ranges; throws for what is neither. */
  constructor(trustedProxies: readonly string[]) {
    this.trusted = trustedProxies.length > 0 ? new AddressList(trustedProxies) : undefined;
  }

  of(socketAddress: string, forwardedFor: string | null): string {
    if (!this.trusted || forwardedFor === null || !this.trusted.has(socketAddress)) return plain(socketAddress);
    const hops = forwardedFor.split(",").map((hop) => hop.trim());
    for (const hop of hops.toReversed()) if (!this.trusted.has(hop)) return plain(hop);
    return plain(hops[0] ?? socketAddress);
  }
}

/** An IPv4 address that came over an IPv6 socket, as IPv4. */
const plain = (address: string): string => (address.startsWith("::ffff:") ? address.slice(7) : address);
