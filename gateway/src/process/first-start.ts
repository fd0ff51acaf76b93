import { keyHash, maskKey, newAccessKey, newApiKey, newPassword } from "../accounts/api-key.ts";
import { usdToNano } from "../catalog/money.ts";
import type { Config } from "../config.ts";
import type { Db } from "../store/database.ts";
import { countUsers, createUser, setAccessKey, userByName } from "../store/queries/accounts.ts";
import { passwordOf, setPassword } from "../store/queries/identity.ts";
import { hashPassword, isPassword } from "../identity/passwords.ts";
import { createKey } from "../store/queries/keys.ts";
import { creditWallet } from "../store/queries/money.ts";

/** Roles of the family: 100 is the owner. */
const OWNER_ROLE = 100;
const OWNER_NAME = "owner";
const FIRST_GROUP = "default";

/** Credentials in clear, to be shown once. A preset one is not repeated. */
export interface FirstCredentials {
  apiKey: string;
  testKey: string;
  accessKey: string;
  adminPassword: string;
  presets: { apiKey: boolean; accessKey: boolean; adminPassword: boolean };
}

/** On an empty database: the owner with a wallet, a key, a test key and an access key. Gives undefined when there are users already. */
export async function firstStart(db: Db, config: Config): Promise<FirstCredentials | undefined> {
  if ((await countUsers(db)) > 0) {
    await applyPresets(db, config);
    return undefined;
  }
  const credentials: FirstCredentials = {
    apiKey: config.preset.apiKey ?? newApiKey(false),
    testKey: newApiKey(true),
    accessKey: config.preset.accessKey ?? newAccessKey(),
    adminPassword: config.preset.adminPassword ?? newPassword(),
    presets: {
      apiKey: config.preset.apiKey !== undefined,
      accessKey: config.preset.accessKey !== undefined,
      adminPassword: config.preset.adminPassword !== undefined,
    },
  };
  return db.transaction().execute(async (tx) => {
    const userId = await createUser(tx, {
      username: OWNER_NAME,
      displayName: "Owner",
      role: OWNER_ROLE,
      accessKeyHash: keyHash(credentials.accessKey),
      passwordHash: await hashPassword(credentials.adminPassword),
    });
    // Another process was faster: it shows the credentials.
    if (userId === undefined) return undefined;
    await creditWallet(tx, { userId, amountNano: usdToNano(config.initialCreditUsd), kind: "credit", ref: "first-start", reason: "initial credit" });
    await addKey(tx, userId, "first key", credentials.apiKey, false);
    await addKey(tx, userId, "sandbox key", credentials.testKey, true);
    return credentials;
  });
}

/** Preset credentials hold at every start: a key that is new is added, access key and password are set. */
async function applyPresets(db: Db, config: Config): Promise<void> {
  const owner = await userByName(db, OWNER_NAME);
  if (!owner) return;
  if (config.preset.apiKey) await addKey(db, owner.id, "preset key", config.preset.apiKey, false);
  if (config.preset.accessKey) await setAccessKey(db, owner.id, keyHash(config.preset.accessKey));
  const { adminPassword } = config.preset;
  if (adminPassword && !(await isPassword(adminPassword, (await passwordOf(db, owner.id)) ?? ""))) await setPassword(db, owner.id, await hashPassword(adminPassword));
}

async function addKey(db: Db, userId: string, name: string, key: string, sandbox: boolean): Promise<void> {
  await createKey(db, { userId, name, hash: keyHash(key), visible: maskKey(key), group: FIRST_GROUP, sandbox });
}
