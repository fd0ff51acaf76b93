import { join } from "node:path";
import { defineCommand } from "citty";
import { loadCatalog } from "../catalog/index.ts";
import { livingOwners } from "../process/journal-owners.ts";
import { openSecretBox } from "../process/master-key.ts";
import { pendingMigrations } from "../store/database.ts";
import { catalogOverrides } from "../store/queries/prices.ts";
import { checkMoney } from "../store/queries/money.ts";
import { readLeftovers } from "../wallet/journal.ts";
import { SetAside } from "../wallet/set-aside.ts";
import { print, withDatabase } from "./open.ts";

export const doctorCommand = defineCommand({
  meta: { name: "doctor", description: "check settings, database, catalog, journals and that every balance equals the sum of its moves" },
  args: { json: { type: "boolean", description: "print JSON" } },
  run: ({ args }) =>
    withDatabase(async (db, config) => {
      await openSecretBox(db, config);
      const money = await checkMoney(db);
      const agrees = money.wrongBalances.length === 0 && money.wrongCharges.length === 0 && money.totalNano === "0";
      const catalog = loadCatalog({ models: config.models, groups: config.groups }, await catalogOverrides(db));
      const folder = join(config.dataDir, "journal");
      const aside = new SetAside(folder);
      const refused = aside.list();
      const damaged = aside.damagedJournals();
      const leftovers = readLeftovers(folder, livingOwners(folder)).filter((leftover) => leftover.records.length > 0 || leftover.damagedLines > 0);
      const waiting = leftovers.reduce((sum, leftover) => sum + leftover.records.length, 0);
      print(
        {
          settings: "read",
          database: (await pendingMigrations(db)).length === 0 ? "up to date" : "migrations pending",
          models: catalog.models().length,
          unpriced: catalog.models().filter((model) => !model.compiled).map((model) => model.id).join(", ") || "none",
          priceVersion: catalog.priceVersion,
          money: agrees ? "balances and charges agree with the ledger" : JSON.stringify(money),
          journals: leftovers.length === 0 ? "all applied" : `${leftovers.length} of ended processes with ${waiting} records: the next start applies them`,
          damaged: damaged.length === 0 ? "none" : `${damaged.join(", ")} in ${folder}: lines that are no whole record`,
          setAside: refused.length === 0 ? "none" : `${refused.length} records that the database refuses, in ${join(folder, "set-aside.jsonl")}: ${[...new Set(refused.map((entry) => entry.reason))].slice(0, 3).join("; ")}`,
        },
        args.json,
      );
      if (!agrees || refused.length > 0 || damaged.length > 0 || leftovers.length > 0) process.exitCode = 1;
    }),
});
