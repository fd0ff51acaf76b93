import type { Channel } from "./channel.ts";

/** A credential shorter than this is a placeholder ("none", "x"): servers on one's own machine often want none. */
const CREDENTIAL_LENGTH_MIN = 6;
/** Letters only, up to this many: a word ("placeholder", "ollama"), not a secret. */
const WORD_LENGTH_MAX = 19;

const known = new WeakMap<Channel, readonly string[]>();

/** Literal strings that must not reach a caller in this channel's vendor's texts: its address and proxy, their hosts, every credential of it. */
export function ownNames(channel: Channel): readonly string[] {
  const before = known.get(channel);
  if (before) return before;
  const names = [...addressNames(channel.baseUrl), ...channel.credentials.filter(isSecret)];
  if (channel.proxy !== undefined) names.push(...addressNames(channel.proxy));
  known.set(channel, names);
  return names;
}

const isSecret = (credential: string): boolean => credential.length >= CREDENTIAL_LENGTH_MIN && !(credential.length <= WORD_LENGTH_MAX && /^[A-Za-z]+$/.test(credential));

function addressNames(address: string): string[] {
  if (!URL.canParse(address)) return [address];
  const url = new URL(address);
  const names = [address, url.host, url.hostname];
  if (url.password !== "") names.push(...[url.password, decoded(url.password)].filter(isSecret));
  return names;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
