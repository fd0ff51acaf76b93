import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const HOST_NAME = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;

/**
 * What an operator allows beyond the public internet: `10.0.0.5`, `10.0.0.0/8`, `files.example.com`, `*.example.com` (names below it, not itself). An allowed name may lead to
 * any address; an allowed address may be reached under any name. Both may use http and any port.
 */
export class FetchRules {
  private readonly names = new Set<string>();
  private readonly endings: string[] = [];
  private readonly ranges: [Address, number][] = [];

  /** `http`: whether public servers may be asked without TLS. Throws an Error that quotes an entry that is none of the forms. */
  constructor(
    entries: readonly string[] = [],
    readonly http = true,
  ) {
    for (const entry of entries) this.add(entry.trim().toLowerCase(), entry);
  }

  /** `name`: lower case, without a dot at the end. */
  allowsName(name: string): boolean {
    return this.names.has(name) || this.endings.some((ending) => name.endsWith(ending));
  }

  allowsAddress(text: string): boolean {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.parse(text);
    return this.ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
  }

  private add(text: string, entry: string): void {
    if (ipaddr.isValidCIDR(text)) this.ranges.push(ipaddr.parseCIDR(text));
    else if (ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)) {
      const address = ipaddr.parse(text);
      this.ranges.push([address, address.kind() === "ipv4" ? 32 : 128]);
    } else if (HOST_NAME.test(text) && !/^[\d.]+$/.test(text)) {
      if (text.startsWith("*.")) this.endings.push(text.slice(1));
      else this.names.add(text);
    } else throw new Error(`"${entry}" is neither a host name nor an IP address nor a range`);
  }
}
