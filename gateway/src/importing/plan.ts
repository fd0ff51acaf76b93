import { AddressList, splitAddressList } from "../accounts/address-list.ts";
import { NANO_PER_USD } from "../catalog/money.ts";
import { isAlive, isTrue, type OldData, type OldProduct, productOf, type Row, textOf, unreadable, wholeOf } from "./old-data.ts";
import { parts, planChannel, type PlannedChannel } from "./plan-channels.ts";
import { type OldRatios, ratiosOf } from "./ratios.ts";

export interface PlannedUser {
  oldId: string;
  username: string;
  displayName: string;
  email: string;
  /** 1 user, 10 operator */
  role: number;
  enabled: boolean;
  /** bcrypt, as they keep it */
  passwordHash?: string;
  accessKey?: string;
  balanceNano: bigint;
  group: string;
}

export interface PlannedKey {
  oldId: string;
  oldUserId: string;
  /** the whole key, `sk-` included; only its digest is kept */
  key: string;
  name: string;
  group: string;
  enabled: boolean;
  /** undefined: as much as the wallet holds */
  quotaNano?: bigint;
  expiresAt?: Date;
  models?: string[];
  addresses?: string[];
}

export interface ImportPlan {
  product: OldProduct;
  users: PlannedUser[];
  keys: PlannedKey[];
  channels: PlannedChannel[];
  ratios: OldRatios;
  /** what is left out, and what is not as it was, in sentences for the operator */
  notes: string[];
}

export const USERNAME_LENGTH_MAX = 30;
const ENABLED = 1n;
const DISABLED = 2n;
const OPERATOR_FROM = 10n;
const MS = 1_000;
/** Longest name, of people and of keys, and longest address (RFC 5321): what our own forms take. */
const NAME_LENGTH_MAX = 100;
const EMAIL_LENGTH_MAX = 254;
/** What a budget holds at most (a bigint of nano-dollars). */
const NANO_MAX = 2n ** 63n - 1n;
/** The end of the year 9999: what is said to last longer lasts for ever. */
const LAST_SECOND = 253_402_300_799n;

/** What of an old database becomes what here. Pure; nothing is looked up in ours. */
export function planImport(data: OldData): ImportPlan {
  const product = productOf(data);
  const ratios = ratiosOf(data.options);
  const notes: string[] = [];
  const alive = data.users.filter(isAlive);
  const users = each(notes, "user", alive, (row) => planUser(row, ratios, notes));
  const groups = new Map(users.map(({ oldId, group }) => [oldId, group]));
  const tokens = data.tokens.filter(isAlive);
  const owned = tokens.filter((row) => groups.has(textOf(row, "user_id")));
  const keys = each(notes, "key", owned, (row) => planKey(row, groups, ratios, notes));
  const channels: PlannedChannel[] = [];
  for (const planned of each(notes, "channel", data.channels, (row) => [planChannel(row, product, notes)])) {
    if (typeof planned === "string") notes.push(planned);
    else channels.push(planned);
  }
  const deleted = data.users.length - alive.length;
  if (deleted > 0) notes.push(`${deleted} deleted users are left out`);
  if (owned.length < tokens.length) notes.push(`${tokens.length - owned.length} keys are left out: their users are deleted, left out or unknown`);
  const odd = unreadable([...alive, ...tokens, ...data.channels, ...data.options]);
  if (odd > 0) notes.push(`${odd} of the rows have characters that cannot be read: is the dump UTF-8?`);
  return { product, users: withNamesApart(users, notes), keys, channels: withChannelNamesApart(channels), ratios, notes };
}

/** What rows become. One that cannot be read, or whose id has come before, is left out and named. */
function each<T>(notes: string[], kind: string, rows: readonly Row[], plan: (row: Row) => T[]): T[] {
  const ids = new Set<string>();
  return rows.flatMap((row) => {
    const id = textOf(row, "id");
    try {
      if (ids.has(id)) throw new RangeError("there is another row of this id");
      ids.add(id);
      return plan(row);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      notes.push(`${kind} ${id} is left out: ${error.message}`);
      return [];
    }
  });
}

/** Exactly where a unit is a whole number of nano-dollars, as by default; else the rest of a nano-dollar is dropped. */
const nanoOf = (quota: bigint, { quotaPerUsd }: OldRatios): bigint => (quota * NANO_PER_USD) / quotaPerUsd;

function planUser(row: Row, ratios: OldRatios, notes: string[]): PlannedUser[] {
  const oldId = textOf(row, "id");
  const given = textOf(row, "username").trim();
  const email = textOf(row, "email").trim().toLowerCase();
  const password = textOf(row, "password");
  const role = wholeOf(row, "role", 1n);
  if (oldId === "" || given === "") throw new RangeError("it has no id or no name");
  const plain = given.toLowerCase();
  const username = /^[a-z0-9][a-z0-9_.-]{0,29}$/.test(plain) ? plain : `user-${oldId}`;
  if (username !== plain) notes.push(`user ${oldId} "${given}" is called ${username}: names here are letters, digits, "_", "." and "-"`);
  if (role >= OPERATOR_FROM) notes.push(`user ${oldId} "${given}" was an administrator (role ${role}) and is an operator here`);
  const accessKey = textOf(row, "access_token").trim();
  const balanceNano = nanoOf(wholeOf(row, "quota"), ratios);
  if (balanceNano > NANO_MAX || balanceNano < -NANO_MAX) throw new RangeError(`quota: no wallet holds ${textOf(row, "quota")}`);
  return [
    {
      oldId, username, displayName: (textOf(row, "display_name").trim() || given).slice(0, NAME_LENGTH_MAX), email: email.length <= EMAIL_LENGTH_MAX && /^[^\s@]+@[^\s@]+$/.test(email) ? email : "", role: role >= OPERATOR_FROM ? 10 : 1, enabled: wholeOf(row, "status", ENABLED) === ENABLED,
      ...(/^\$2[aby]\$/.test(password) ? { passwordHash: password } : {}), ...(accessKey === "" || accessKey.startsWith("sk-") ? {} : { accessKey }), balanceNano, group: textOf(row, "group").trim() || "default",
    },
  ];
}

function planKey(row: Row, groups: ReadonlyMap<string, string>, ratios: OldRatios, notes: string[]): PlannedKey[] {
  const [oldId, oldUserId, secret] = [textOf(row, "id"), textOf(row, "user_id"), textOf(row, "key").trim()];
  const owners = groups.get(oldUserId);
  if (owners === undefined || secret === "") return [];
  const expires = wholeOf(row, "expired_time", -1n);
  const status = wholeOf(row, "status", ENABLED);
  const own = textOf(row, "group").trim();
  const auto = own === "auto" && ratios.group["auto"] === undefined;
  if (auto) notes.push(`key ${oldId} "${textOf(row, "name")}" chose its group by itself; it has ${ratios.auto[0] ?? owners} now`);
  // New API limits only where the switch is on, One API wherever models stand.
  const models = isTrue(row, "model_limits_enabled") ? parts(textOf(row, "model_limits")) : parts(textOf(row, "models"));
  const given = splitAddressList(textOf(row, "allow_ips") || textOf(row, "subnet"));
  const addresses = given.filter(isAddress);
  // Without the entry the key would be open wider, or not at all.
  const unclear = addresses.length < given.length;
  if (unclear) notes.push(`key ${oldId} "${textOf(row, "name")}" is switched off: not all of its addresses (${given.join(", ")}) can be read`);
  // "Expired" and "used up" (3 and 4) follow from date and quota; without either they are a switch.
  const off = status === DISABLED || (status === 3n && expires <= 0n);
  return [
    {
      oldId, oldUserId, key: secret.startsWith("sk-") ? secret : `sk-${secret}`, name: (textOf(row, "name").trim() || `key ${oldId}`).slice(0, NAME_LENGTH_MAX), group: auto ? (ratios.auto[0] ?? owners) : own || owners, enabled: !off && !unclear,
      ...(isTrue(row, "unlimited_quota") ? {} : { quotaNano: asQuota(nanoOf(wholeOf(row, "remain_quota"), ratios)) }), ...(expires > 0n && expires <= LAST_SECOND ? { expiresAt: new Date(Number(expires) * MS) } : {}), ...(models.length > 0 ? { models } : {}), ...(addresses.length > 0 ? { addresses } : {}),
    },
  ];
}

function isAddress(text: string): boolean {
  try {
    void new AddressList([text]);
    return true;
  } catch {
    return false;
  }
}

const asQuota = (nano: bigint): bigint => (nano < 0n ? 0n : nano > NANO_MAX ? NANO_MAX : nano);

/** Names that differ in letters' case only, or that became alike, are told apart by the old id; addresses belong to the first. */
function withNamesApart(users: PlannedUser[], notes: string[]): PlannedUser[] {
  const names = new Set<string>();
  const addresses = new Set<string>();
  return users.map((user) => {
    const username = names.has(user.username) ? `${user.username.slice(0, USERNAME_LENGTH_MAX - user.oldId.length - 1)}-${user.oldId}` : user.username;
    if (username !== user.username) notes.push(`user ${user.oldId} is called ${username}: another has the name ${user.username}`);
    names.add(username);
    const shared = user.email !== "" && addresses.has(user.email);
    if (shared) notes.push(`user ${user.oldId} has no e-mail address here: another has the same`);
    addresses.add(user.email);
    return { ...user, username, ...(shared ? { email: "" } : {}) };
  });
}

function withChannelNamesApart(channels: PlannedChannel[]): PlannedChannel[] {
  const names = new Set<string>();
  return channels.map((channel) => {
    const name = names.has(channel.name) ? `${channel.name}-${channel.oldId}` : channel.name;
    names.add(name);
    return { ...channel, name };
  });
}
