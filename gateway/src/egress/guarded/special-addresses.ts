import ipaddr from "ipaddr.js";

/**
 * Special-purpose addresses that the library's tables call ordinary (IANA IPv4 and IPv6 Special-Purpose Address Registries; Azure's virtual public address of its platform,
 * behind which its metadata lie: "What is IP address 168.63.129.16").
 */
const FURTHER: [string, string][] = [
  ["168.63.129.16/32", "cloud-platform"],
  ["192.88.99.0/24", "6to4-relay"],
];
const further = FURTHER.map(([range, name]) => [ipaddr.parseCIDR(range), name] as const);

/** All public IPv6 addresses lie here (IANA IPv6 Global Unicast Address Assignments); what lies elsewhere is special or not assigned, IPv4 in any disguise included. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * What kind of special-purpose range an IP address lies in ("loopback", "private", "linkLocal", ...), or undefined for an ordinary public one. Every form of IPv4 within IPv6
 * (mapped, compatible, 6to4, Teredo, NAT64) is special: nobody publishes those as the address of a server. What is no address at all is "invalid".
 */
export function specialRange(text: string): string | undefined {
  if (!ipaddr.isValid(text)) return "invalid";
  const address = ipaddr.parse(text);
  for (const [range, name] of further) if (address.kind() === range[0].kind() && address.match(range)) return name;
  const range = address.range();
  if (range !== "unicast") return range;
  return address instanceof ipaddr.IPv6 && !address.match(GLOBAL_UNICAST) ? "unassigned" : undefined;
}
