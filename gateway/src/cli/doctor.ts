import { defineCommand } from "citty";
import { loadCatalog } from "../catalog/index.ts";
import { pendingMigrations } from "../store/database.ts";
import { checkMoney } from "../store/queries/money.ts";
import { print, withDatabase } from "./open.ts";

export const doctorCommand = defineCommand({
  meta: { name: "doctor", description: "check settings, database, catalog and that every balance equals the sum of its moves" },
  args: { json: { type: "boolean", description: "print JSON" } },
  run: ({ args }) =>
    withDatabase(async (db, config) => {
      const money = await checkMoney(db);
      const catalog = loadCatalog({ models: config.models, groups: config.groups });
      const healthy = money.wrongBalances.length === 0 && money.wrongCharges.length === 0 && money.totalNano === "0";
      print(
        {
          settings: "read",
          database: (await pendingMigrations(db)).length === 0 ? "up to date" : "migrations pending",
          models: catalog.models().length,
          unpriced: catalog.models().filter((model) => !model.compiled).map((model) => model.id).join(", ") || "none",
          priceVersion: catalog.priceVersion,
          money: healthy ? "balances and charges agree with the ledger" : JSON.stringify(money),
        },
        args.json,
      );
      if (!healthy) process.exitCode = 1;
    }),
});
