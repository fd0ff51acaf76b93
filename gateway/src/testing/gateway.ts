import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "bun:test";
import { startSandbox } from "../../../simulators/src/server.ts";
import { keyHash, maskKey, newAccessKey, newApiKey } from "../accounts/api-key.ts";
import { usdToNano } from "../catalog/money.ts";
import { type Config, readConfig } from "../config.ts";
import { hashPassword } from "../identity/passwords.ts";
import { runGateway } from "../process/gateway.ts";
import { createUser } from "../store/queries/accounts.ts";
import { createKey, type NewKey } from "../store/queries/keys.ts";
import { checkMoney, creditWallet } from "../store/queries/money.ts";
import { VENDOR_ENVIRONMENT } from "../vendors/registry.ts";
import { apiClient } from "./api-client.ts";
import { testDatabase } from "./postgres.ts";

/** What the sandbox recorded of one request; only what tests look at. */
export interface Seen {
  vendor: string;
  path: string;
  credential: string;
  headers: [string, string][];
  body: { base64: string };
  answer: { base64: string; status: number };
  usage?: Record<string, number>;
  aborted_at?: number;
}

/**
 * A whole gateway in this process: real database, real sockets, the sandbox as its upstream, one user with credit.
 * `change` edits the settings before the start.
 */
export async function testGateway(change: (config: Config, sandboxUrl: string) => void = () => undefined) {
  const { db, connection } = await testDatabase();
  const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
  const dataDir = mkdtempSync(join(tmpdir(), "yescale-gateway-"));
  const config = readConfig(VENDOR_ENVIRONMENT, {
    PORT: "0", YESCALE_DATA_DIR: dataDir, LOG_LEVEL: "silent", YESCALE_SHUTDOWN_SECONDS: "1",
  });
  change(config, sandbox.url);
  const gateway = await runGateway({ config, connection, processId: Bun.randomUUIDv7(), sandboxUrl: sandbox.url, sharePort: false });
  let people = 0;
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= gateway.stop());

  /** A user with dollars in the wallet and a key; the key is known to the gateway when this resolves. */
  async function newCaller(usd: string, { role = 1, password, email, ...more }: Partial<NewKey> & { role?: number; password?: string; email?: string } = {}) {
    people += 1;
    const n = people;
    const accessKey = newAccessKey();
    const apiKey = newApiKey(more.sandbox ?? false);
    const userId = (await createUser(db, { username: `user${n}`, displayName: "", role, accessKeyHash: keyHash(accessKey), ...(password === undefined ? {} : { passwordHash: await hashPassword(password) }), ...(email === undefined ? {} : { email }) })) ?? "";
    await creditWallet(db, { userId, amountNano: usdToNano(usd), kind: "credit", ref: `test-${n}` });
    const keyId = (await createKey(db, { userId, name: "key", hash: keyHash(apiKey), visible: maskKey(apiKey), group: "default", sandbox: false, ...more })) ?? "";
    for (let i = 0; i < 200; i += 1) {
      const { status } = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${apiKey}` } });
      if (status !== 401) break;
      await Bun.sleep(5);
    }
    return { userId, username: `user${n}`, keyId, apiKey, accessKey };
  }

  /** Request rows of a user, oldest first, after everything has been settled. */
  async function rows(userId: string, least = 1) {
    for (let i = 0; ; i += 1) {
      const found = await db.selectFrom("requests").selectAll().where("user_id", "=", userId).orderBy("id").execute();
      if (found.length >= least || i > 300) return found;
      await Bun.sleep(10);
    }
  }

  afterAll(async () => {
    await stop();
    await sandbox.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const seen = (): Seen[] => sandbox.requests() as unknown as Seen[];
  return { url: gateway.url, stop, dataDir, api: apiClient(gateway.url), channels: gateway.channels, sandbox, seen, db, newCaller, rows, checkMoney: () => checkMoney(db) };
}
