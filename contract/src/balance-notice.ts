import { z } from "zod";
import { usd } from "./fields.ts";
import { route } from "./route.ts";

const URL_LENGTH_MAX = 2_000;
const notice = z.object({
  below_usd: usd.nullable().describe("null: nothing is told"),
  by_mail: z.boolean().describe("to the account's address, if it is confirmed"),
  url: z.string().nullable().describe("gets a notice signed as Standard Webhooks has it"),
  webhook_secret: z.string().describe("what notices are signed with"),
});

/** Whether an account is told that its wallet runs low. */
export const BALANCE_NOTICE_ROUTES = {
  balanceNotice: route({ method: "get", path: "/api/account/balance-notice", summary: "When the account is told that its wallet runs low, and how", who: "account", words: "openai", answer: notice }),
  setBalanceNotice: route({
    method: "put",
    path: "/api/account/balance-notice",
    summary: "Sets it: told once each time the wallet falls below the line",
    who: "account",
    words: "openai",
    body: z.strictObject({
      below_usd: z.string().regex(/^(?!0+(\.0+)?$)\d{1,9}(\.\d{1,9})?$/, 'must be dollars such as "5"').nullable(),
      by_mail: z.boolean().default(true),
      url: z.string().max(URL_LENGTH_MAX).regex(/^https?:\/\/\S+$/, "must be an http or https address").nullable().default(null),
    }),
    answer: notice,
  }),
};
