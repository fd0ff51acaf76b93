import { maskKey, keyHash, newApiKey } from "../../accounts/api-key.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { changeKey, countKeys, createKey, deleteKey, type KeyChanges, type KeyOwner, listKeys } from "../../store/queries/keys.ts";
import type { ApiServices } from "../api/services.ts";
import { keyRow } from "./family.ts";
import { type FamilyKey, keyChangesOf } from "./key-wish.ts";

/** Keys that one account may have: every process holds them in memory, and one list answer all of them. */
export const KEYS_MAX = 10_000;

const missing = (): GatewayError => new GatewayError("notFound", { publicText: "There is no such API key." });

/** Makes a key of the account, or one of its organisation that it answers for; gives its row and, this once, the key itself. Throws GatewayError. */
export async function makeOwnKey(services: ApiServices, { userId, organisationId }: { userId: string; organisationId?: string }, wish: FamilyKey & { name: string }): Promise<ReturnType<typeof keyRow>> {
  const { db, catalog, clock } = services;
  const changes = keyChangesOf(wish, catalog(), userId);
  if (changes.expiresAt && changes.expiresAt.getTime() <= clock.now()) throw new GatewayError("invalidRequest", { publicText: "The key would have expired already.", param: "expired_time" });
  const owner: KeyOwner = organisationId === undefined ? userId : { organisationId };
  if ((await countKeys(db, owner)) >= KEYS_MAX) throw new GatewayError("conflict", { publicText: `An account has ${KEYS_MAX} API keys at most.` });
  const key = newApiKey(false);
  // Who names an amount means a limit.
  const unlimited = changes.unlimited ?? changes.quotaNano === undefined;
  const id = await createKey(db, {
    userId,
    ...(organisationId === undefined ? {} : { organisationId }),
    name: wish.name,
    hash: keyHash(key),
    visible: maskKey(key),
    group: changes.group ?? catalog().groups()[0]?.name ?? "default",
    sandbox: false,
    unlimited,
    ...(changes.quotaNano !== undefined || !unlimited ? { quotaNano: changes.quotaNano ?? 0n } : {}),
    ...(changes.expiresAt ? { expiresAt: changes.expiresAt } : {}),
    ...(changes.models ? { models: changes.models } : {}),
    ...(changes.addresses ? { addresses: changes.addresses } : {}),
  });
  const [row] = await listKeys(db, owner, { id: id ?? "0", limit: 1 });
  if (!row) throw new Error("a key that was made is not there");
  return { ...keyRow(row, clock.now()), key };
}

/** An owner's keys, newest first: by a part of the name; by the whole key, with or without its prefix, or by a part of it that is shown. */
export async function findOwnKeys({ db, clock, flush }: ApiServices, owner: KeyOwner, { keyword, token }: { keyword?: string | undefined; token?: string | undefined }): Promise<ReturnType<typeof keyRow>[]> {
  await flush();
  // A whole key is found by its digest.
  const key = token === undefined || token === "" ? undefined : { visible: token, hashes: [keyHash(token), keyHash(`sk-${token}`)] };
  const rows = await listKeys(db, owner, { ...(keyword === undefined ? {} : { name: keyword }), limit: KEYS_MAX, ...(key ? { key } : {}) });
  return rows.map((row) => keyRow(row, clock.now()));
}

/** Changes a key of the owner's. `ref` names the change in the ledger. Throws GatewayError. */
export async function changeOwnKey(services: ApiServices, owner: KeyOwner, keyId: string, changes: KeyChanges, ref: string): Promise<void> {
  // What was spent until now is not taken from the new amount.
  if (changes.quotaNano !== undefined) await services.flush();
  if (!(await changeKey(services.db, owner, keyId, changes, ref))) throw missing();
}

/** Deletes a key of the owner's. Throws GatewayError. */
export async function deleteOwnKey(services: ApiServices, owner: KeyOwner, keyId: string): Promise<void> {
  if (!(await deleteKey(services.db, owner, keyId))) throw missing();
}
