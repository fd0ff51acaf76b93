import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Bits before the IPv4 address in one that is mapped into IPv6 (RFC 4291, 2.5.5.2). */
const MAPPED_BITS = 96;

/** A set of addresses and ranges (`192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`), IPv4-mapped IPv6 counted as IPv4. */
export class AddressList {
  private readonly ranges: [Address, number][];

  /** Throws with the entry that is neither an address nor a range. */
  constructor(entries: readonly string[]) {
    this.ranges = entries.map((entry) => {
      const range = rangeOf(entry.trim());
      if (!range) throw new Error(`"${entry}" is neither an IP address nor a range`);
      return range;
    });
  }

  has(text: string): boolean {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return this.ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
  }
}

/** The first address of a range and the bits that count; undefined for what is none. */
function rangeOf(text: string): [Address, number] | undefined {
  const [first = ""] = text.split("/");
  // `1.2.3` and `010.0.0.1` are other addresses to old resolvers (1.2.0.3, 8.0.0.1) than to who wrote them.
  if (!ipaddr.isValid(first) || (!first.includes(":") && !ipaddr.IPv4.isValidFourPartDecimal(first))) return undefined;
  if (text.includes("/") && !ipaddr.isValidCIDR(text)) return undefined;
  const address = ipaddr.parse(first);
  const bits = text.includes("/") ? ipaddr.parseCIDR(text)[1] : address.kind() === "ipv4" ? 32 : 128;
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= MAPPED_BITS ? [address.toIPv4Address(), bits - MAPPED_BITS] : [address, bits];
}

/** An address as it is compared and told: one that is mapped into IPv6 (`::ffff:192.0.2.1`) as IPv4. What is no address stays as it is. */
export const plainAddress = (text: string): string => (/^::ffff:/i.test(text) && ipaddr.isValid(text) ? ipaddr.process(text).toString() : text);

/** Entries of an allow-list as people write it: separated by commas, spaces or line ends. */
export function splitAddressList(text: string): string[] {
  return text.split(/[\s,]+/).filter((entry) => entry !== "");
}
