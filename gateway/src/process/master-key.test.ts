import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SecretBox } from "../channels/secrets.ts";
import { addChannel } from "../store/queries/channels.ts";
import { testDatabase } from "../testing/postgres.ts";
import { openSecretBox } from "./master-key.ts";

const { db } = await testDatabase();
const dataDir = mkdtempSync(join(tmpdir(), "yescale-master-"));
const path = join(dataDir, "master.key");
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
const settings = { dataDir, masterKey: undefined };

test("F29: a lost or wrong master key stops the start; no new one takes its place", async () => {
  const box = await openSecretBox(db, settings);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  // Nothing is sealed yet: a lost file costs nothing.
  rmSync(path);
  const second = await openSecretBox(db, settings);
  await addChannel(db, { name: "sealed", vendor: "openai", priority: 0, weight: 0.5, sealed: [second.seal("sk-secret")] });
  await openSecretBox(db, settings);

  rmSync(path);
  await expect(openSecretBox(db, settings)).rejects.toThrow(/master key .* is missing/);
  expect(existsSync(path)).toBe(false);
  writeFileSync(path, "c2hvcnQ=\n");
  await expect(openSecretBox(db, settings)).rejects.toThrow("cannot be used");
  await expect(openSecretBox(db, { dataDir, masterKey: SecretBox.newKey().toString("base64") })).rejects.toThrow('does not open the credentials of channel "sealed"');
  expect(() => box.open(second.seal("x"))).toThrow("another master key");
});
