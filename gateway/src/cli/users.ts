import { defineCommand } from "citty";
import { nanoToUsdText } from "../catalog/money.ts";
import { userByName } from "../store/queries/accounts.ts";
import { creditWallet } from "../store/queries/money.ts";
import { changed, print, refuse, withDatabase } from "./open.ts";
import { dollars } from "./values.ts";

const credit = defineCommand({
  meta: { name: "credit", description: "credit a wallet through the ledger (a negative amount debits)" },
  args: {
    json: { type: "boolean", description: "print JSON" },
    user: { type: "positional", description: "user name", required: true },
    usd: { type: "positional", description: "dollars", required: true },
    reason: { type: "string", default: "by command line", description: "why" },
    ref: { type: "string", description: "a reference of your own: the same one is credited once" },
  },
  run: ({ args }) =>
    withDatabase(async (db) => {
      const amountNano = dollars(args.usd, "usd");
      const owner = await userByName(db, args.user);
      if (!owner) refuse(`There is no user "${args.user}".`);
      const ref = args.ref ?? `cli-${Bun.randomUUIDv7()}`;
      const moved = await changed(db, async (tx, note) => {
        const credited = await creditWallet(tx, { userId: owner.id, amountNano, kind: "credit", ref, reason: args.reason });
        note({ action: amountNano > 0n ? "wallet.credit" : "wallet.debit", subject: `user:${owner.id}`, after: { usd: args.usd, reason: args.reason, ref, credited } });
        return credited;
      });
      print({ user: args.user, usd: nanoToUsdText(amountNano), credited: moved, ref }, args.json);
    }),
});

export const userCommand = defineCommand({ meta: { name: "user", description: "users and their wallets" }, subCommands: { credit } });
