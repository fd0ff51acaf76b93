import ipaddr from "ipaddr.js";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Origin } from "../http1/pool.ts";
import type { FetchRules } from "./fetch-rules.ts";
import { specialRange } from "./special-addresses.ts";

/** The addresses of a host name, as text; rejects when there are none. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** Longer addresses are no addresses: a signed one of a cloud's store has 1 to 2 kB. */
const URL_CHARACTERS_MAX = 8_192;
/** Of the ports below, only the web's own are open to callers: the others are other protocols, which a request line may say something to. */
const OTHER_PORTS_FROM = 1_024;
/** How many addresses of a name are tried. */
const ADDRESSES_MAX = 3;

/** Where one hop may go: origins that differ in the address only, in the order to try them, and the path with the query. */
export interface Target {
  url: URL;
  path: string;
  origins: readonly [Origin, ...Origin[]];
}

/** One text for what is not found and what is not allowed: else a caller could learn which names exist inside. */
const notPublic = (internalText: string): GatewayError => new GatewayError("mediaAddress", { internalText });

const malformed = (publicText: string): GatewayError => new GatewayError("mediaAddress", { publicText });

/** An address that a caller wrote, or a server in a redirect (`base`: whose). Throws GatewayError for anything but an http or https URL without credentials. */
export function parseAddress(text: string, base?: URL): URL {
  if (text.length > URL_CHARACTERS_MAX) throw malformed(`The media address is longer than ${URL_CHARACTERS_MAX} characters.`);
  const url = URL.parse(text, base?.href);
  if (!url) throw malformed("The media address is not a valid URL.");
  if (url.protocol !== "https:" && url.protocol !== "http:") throw malformed("The media address must begin with https:// or http://.");
  if (url.username !== "" || url.password !== "") throw malformed("The media address must not hold a user name or password.");
  return url;
}

/**
 * Resolves the name of a URL once and gives origins bound to the addresses found, so that nothing is resolved again on the way. Throws GatewayError when one of the addresses is
 * of a special-purpose range that `rules` do not allow: one bad address among good ones is an attack or a mistake. `trusted`: an origin (scheme, host, port) of the operator's own choice,
 * which may lead anywhere.
 */
export async function targetOf(url: URL, rules: FetchRules, resolve: Resolve, trusted?: string): Promise<Target> {
  const secure = url.protocol === "https:";
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  const hostname = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  const addresses = ipaddr.isValid(hostname) ? [hostname] : await addressesOf(hostname, resolve);
  const byName = url.origin === trusted || rules.allowsName(hostname);
  for (const address of addresses) {
    const range = specialRange(address);
    if (range !== undefined && !byName && !rules.allowsAddress(address)) throw notPublic(`the media host leads to ${address} (${range})`);
  }
  if (!byName && !addresses.every((address) => rules.allowsAddress(address))) {
    if (!secure && !rules.http) throw malformed("The media address must begin with https://.");
    if (port !== 443 && port !== 80 && port < OTHER_PORTS_FROM) throw malformed(`The media address must not use port ${port}.`);
  }
  const [first, ...others] = addresses.slice(0, ADDRESSES_MAX).map((address): Origin => {
    const authority = `${hostname.includes(":") ? `[${hostname}]` : hostname}${url.port === "" ? "" : `:${url.port}`}`;
    return { key: `${url.protocol}//${authority} at ${address}`, secure, hostname, address, port, authority };
  });
  if (!first) throw notPublic("the media host has no address");
  return { url, path: url.pathname + url.search, origins: [first, ...others] };
}

/** Names that lead nowhere outside, whatever a resolver says (RFC 6761, RFC 6762, RFC 8375; `.internal` by ICANN 2024). */
const INSIDE_NAMES = /^[^.]+$|(?:^|\.)(?:localhost|local|internal|home\.arpa)$/;

/**
 * Refuses an address that somebody else shall open for us (a vendor) and that leads inside: to us, to the vendor's own net, to a cloud's metadata. A name that we cannot resolve passes: only the other may know it, and what he finds
 * then is his to judge. Rejects with GatewayError mediaAddress.
 */
export async function refusePrivate(text: string, rules: FetchRules, resolve: Resolve): Promise<void> {
  const url = parseAddress(text);
  const hostname = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (rules.allowsName(hostname)) return;
  const literal = ipaddr.isValid(hostname);
  if (!literal && INSIDE_NAMES.test(hostname)) throw notPublic(`the media host ${hostname} is a name for inside`);
  const addresses = literal ? [hostname] : await resolve(hostname).catch(() => []);
  for (const address of addresses) {
    const range = specialRange(address);
    if (range !== undefined && !rules.allowsAddress(address)) throw notPublic(`the media host leads to ${address} (${range})`);
  }
}

/** IPv4 first: many machines have no way to IPv6, and none is without IPv4. */
async function addressesOf(hostname: string, resolve: Resolve): Promise<readonly string[]> {
  try {
    return (await resolve(hostname)).toSorted((a, b) => Number(a.includes(":")) - Number(b.includes(":")));
  } catch (error) {
    throw notPublic(`the media host cannot be resolved: ${error instanceof Error ? error.message : String(error)}`);
  }
}
