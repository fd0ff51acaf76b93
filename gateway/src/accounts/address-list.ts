import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A set of addresses and ranges (`192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`), IPv4-mapped IPv6 counted as IPv4. */
export class AddressList {
  private readonly ranges: [Address, number][];

  /** Throws with the entry that is neither an address nor a range. */
  constructor(entries: readonly string[]) {
    this.ranges = entries.map((entry) => {
      try {
        if (entry.includes("/")) return ipaddr.parseCIDR(entry.trim());
        const address = ipaddr.process(entry.trim());
        return [address, address.kind() === "ipv4" ? 32 : 128] as [Address, number];
      } catch {
        throw new Error(`"${entry}" is neither an IP address nor a range`);
      }
    });
  }

  has(text: string): boolean {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return this.ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
  }
}

/** Entries of an allow-list as people write it: separated by commas, spaces or line ends. */
export function splitAddressList(text: string): string[] {
  return text.split(/[\s,]+/).filter((entry) => entry !== "");
}
