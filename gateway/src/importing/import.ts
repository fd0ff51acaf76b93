import { keyHash, maskKey } from "../accounts/api-key.ts";
import type { Catalog, Overrides } from "../catalog/index.ts";
import { nanoToUsdText } from "../catalog/money.ts";
import type { SecretBox } from "../channels/secrets.ts";
import type { Db } from "../store/database.ts";
import { createUser, setUserStatus } from "../store/queries/accounts.ts";
import type { AuditChange } from "../store/queries/audit.ts";
import { addChannel, allChannels } from "../store/queries/channels.ts";
import { importedUnder, type ImportedKind, lockImports, noteImported, takenIdentities } from "../store/queries/imports.ts";
import { createKey, setKeyStatus } from "../store/queries/keys.ts";
import { creditWallet } from "../store/queries/money.ts";
import { catalogOverrides, lockCatalog, setCatalogOverride } from "../store/queries/prices.ts";
import { type ImportPlan, type PlannedKey, type PlannedUser, USERNAME_LENGTH_MAX } from "./plan.ts";
import { type Entries, groupEntries, modelEntries } from "./prices-taken.ts";

/** What an import did, or would do. */
export interface ImportReport {
  applied: boolean;
  product: string;
  users: number;
  /** exact dollars that wallets got */
  balances_usd: string;
  keys: number;
  channels: number;
  groups: string[];
  models: string[];
  /** of users, keys and channels: taken over before under this label */
  already: number;
  notes: string[];
}

export interface ImportOptions {
  /** names the source: under one label nothing is taken over twice */
  label: string;
  /** the catalog with the database's entries over all others; throws CatalogError */
  catalogWith: (stored: Overrides) => Catalog;
  box: SecretBox;
}

const DEFAULT_GROUP = "default";
const DISABLED = 2;

/**
 * Takes a plan over in the caller's transaction: all of it or nothing. Balances come through the ledger, keys as digests, vendors' credentials sealed. What was taken over before under the label is left as it is. Throws CatalogError when the
 * groups and prices make no catalog.
 */
export async function importInto(tx: Db, plan: ImportPlan, options: ImportOptions): Promise<{ report: ImportReport; change: AuditChange }> {
  await lockImports(tx);
  await lockCatalog(tx);
  const report = await new Import(tx, plan, options, await importedUnder(tx, options.label)).run();
  return { report, change: { action: "import", subject: `import:${options.label}`, after: { ...report, notes: report.notes.length } } };
}

/** What an import would do: it is done, and rolled back. Throws as it would. */
export async function tryImport(db: Db, plan: ImportPlan, options: ImportOptions): Promise<ImportReport> {
  let report: ImportReport | undefined;
  try {
    await db.transaction().execute(async (tx) => {
      ({ report } = await importInto(tx, plan, options));
      throw new RollBack();
    });
  } catch (error) {
    if (!(error instanceof RollBack)) throw error;
  }
  if (!report) throw new Error("the import gave no report");
  return { ...report, applied: false };
}

class RollBack extends Error {}

class Import {
  private readonly notes: string[];
  private already = 0;
  private balanceNano = 0n;

  constructor(
    private readonly tx: Db,
    private readonly plan: ImportPlan,
    private readonly options: ImportOptions,
    private readonly before: ReadonlyMap<string, string>,
  ) {
    this.notes = [...plan.notes];
  }

  async run(): Promise<ImportReport> {
    const { plan, tx, options } = this;
    const users = new Map<string, string>();
    const members = new Map<string, number[]>();
    let made = 0;
    for (const user of plan.users) {
      const known = this.known("user", user.oldId);
      const id = known ?? (await this.user(user));
      if (known === undefined) made += 1;
      users.set(user.oldId, id);
      members.set(user.group, [...(members.get(user.group) ?? []), Number(id)]);
    }
    const catalog = options.catalogWith(await catalogOverrides(tx));
    const groups = await this.lay("group", groupEntries(plan.ratios, catalog, members));
    const models = await this.lay("model", modelEntries(plan.channels, plan.ratios, catalog, this.notes));
    const after = options.catalogWith(await catalogOverrides(tx));
    let keys = 0;
    for (const key of plan.keys) if (this.known("key", key.oldId) === undefined && (await this.key(key, users, after))) keys += 1;
    const channels = await this.channels(after);
    return { applied: true, product: plan.product, users: made, balances_usd: nanoToUsdText(this.balanceNano), keys, channels, groups, models, already: this.already, notes: this.notes };
  }

  private known(kind: ImportedKind, oldId: string): string | undefined {
    const id = this.before.get(`${kind}:${oldId}`);
    if (id !== undefined) this.already += 1;
    return id;
  }

  private noted(kind: ImportedKind, oldId: string, id: string): Promise<unknown> {
    return noteImported(this.tx, { label: this.options.label, kind, old_id: oldId, id });
  }

  private async user(user: PlannedUser): Promise<string> {
    const { tx, notes } = this;
    const accessKeyHash = user.accessKey === undefined ? null : keyHash(user.accessKey);
    const taken = await takenIdentities(tx, { username: user.username, email: user.email, accessKeyHash });
    const username = taken.username ? await this.freeName(user) : user.username;
    if (taken.username) notes.push(`user ${user.oldId} is called ${username}: there is a ${user.username} here`);
    if (taken.email) notes.push(`user ${user.oldId} "${username}" has no e-mail address: an account here has the same`);
    if (taken.accessKey) notes.push(`user ${user.oldId} "${username}" has no access key: an account here has the same`);
    const id = await createUser(tx, {
      username, displayName: user.displayName, role: user.role, accessKeyHash: taken.accessKey ? null : accessKeyHash, ...(taken.email ? {} : { email: user.email }), ...(user.passwordHash === undefined ? {} : { passwordHash: user.passwordHash }),
    });
    if (id === undefined) throw new Error(`user ${user.oldId}: ${username} was taken in the meantime`);
    if (!user.enabled) await setUserStatus(tx, id, DISABLED);
    // Also of nothing, so that the account has its wallet.
    await creditWallet(tx, { userId: id, amountNano: user.balanceNano, kind: "credit", ref: `import:${this.options.label}:user:${user.oldId}`, reason: `balance taken over from ${this.plan.product}` });
    this.balanceNano += user.balanceNano;
    await this.noted("user", user.oldId, id);
    return id;
  }

  private async freeName({ username, oldId }: PlannedUser): Promise<string> {
    for (let n = 1; ; n += 1) {
      const end = n === 1 ? `-${oldId}` : `-${oldId}-${n}`;
      const name = `${username.slice(0, USERNAME_LENGTH_MAX - end.length)}${end}`;
      if (!(await takenIdentities(this.tx, { username: name, email: "", accessKeyHash: null })).username) return name;
    }
  }

  /** Entries over what nobody has set here. */
  private async lay(kind: "group" | "model", entries: Entries): Promise<string[]> {
    const { models, groups } = await catalogOverrides(this.tx);
    const standing = new Set([...models, ...groups].map((entry) => String(kind === "model" ? Reflect.get(entry, "id") : Reflect.get(entry, "name"))));
    const laid: string[] = [];
    for (const [name, entry] of entries) {
      if (standing.has(name)) {
        this.notes.push(`${kind} ${name}: it was set here before, and stays as it is`);
        continue;
      }
      await setCatalogOverride(this.tx, kind, name, entry);
      laid.push(name);
    }
    return laid;
  }

  private async key(key: PlannedKey, users: ReadonlyMap<string, string>, catalog: Catalog): Promise<boolean> {
    const userId = users.get(key.oldUserId);
    if (userId === undefined) return false;
    const group = catalog.group(key.group) ? key.group : DEFAULT_GROUP;
    if (group !== key.group) this.notes.push(`key ${key.oldId} "${key.name}" is in the group ${DEFAULT_GROUP}: there is no ${key.group}`);
    const id = await createKey(this.tx, {
      userId, name: key.name, hash: keyHash(key.key), visible: maskKey(key.key), group, sandbox: false, ...(key.quotaNano === undefined ? {} : { quotaNano: key.quotaNano }), ...(key.expiresAt ? { expiresAt: key.expiresAt } : {}),
      ...(key.models ? { models: key.models.map((name) => catalog.find(name)?.id ?? name) } : {}), ...(key.addresses ? { addresses: key.addresses } : {}),
    });
    if (id === undefined) {
      this.notes.push(`key ${key.oldId} "${key.name}" is left out: the same key is known here`);
      return false;
    }
    if (!key.enabled) await setKeyStatus(this.tx, id, DISABLED);
    await this.noted("key", key.oldId, id);
    return true;
  }

  private async channels(catalog: Catalog): Promise<number> {
    const names = new Set((await allChannels(this.tx)).map(({ name }) => name));
    let made = 0;
    for (const { oldId, credentials, groups, ...channel } of this.plan.channels) {
      if (this.known("channel", oldId) !== undefined) continue;
      const name = names.has(channel.name) ? `${channel.name}-${oldId}` : channel.name;
      if (names.has(name)) {
        this.notes.push(`channel ${oldId} "${channel.name}" is left out: there are channels of both names it could have`);
        continue;
      }
      const serves = groups?.filter((group) => catalog.group(group));
      if (groups && serves && serves.length < groups.length) this.notes.push(`channel ${oldId} "${name}": of its groups ${groups.join(", ")} there are only ${serves.join(", ") || "none"}`);
      // Without a group left it serves nobody, and not everybody.
      const enabled = channel.enabled && serves?.length !== 0;
      const id = await addChannel(this.tx, { ...channel, name, enabled, ...(serves && serves.length > 0 ? { groups: serves } : {}), sealed: credentials.map((secret) => this.options.box.seal(secret)) });
      names.add(name);
      await this.noted("channel", oldId, id);
      made += 1;
    }
    return made;
  }
}
