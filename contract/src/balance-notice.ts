import { z } from "zod";
import { idText, usd } from "./fields.ts";
import { route } from "./route.ts";

const URL_LENGTH_MAX = 2_000;
const notice = z.object({
  below_usd: usd.nullable().describe("null: nothing is told"),
  by_mail: z.boolean().describe("to the account's address, or those of an organisation's admins and owners, if they are confirmed"),
  url: z.string().nullable().describe("gets a notice signed as Standard Webhooks has it"),
  webhook_secret: z.string().describe("what notices are signed with"),
});

const wish = z.strictObject({
  below_usd: z.string().regex(/^(?!0+(\.0+)?$)\d{1,9}(\.\d{1,9})?$/, 'must be dollars such as "5"').nullable(),
  by_mail: z.boolean().default(true),
  url: z.string().max(URL_LENGTH_MAX).regex(/^https?:\/\/\S+$/, "must be an http or https address").nullable().default(null),
});
const organisation = z.object({ id: idText });

/** Whether an account, or the admins of an organisation, are told that its wallet runs low. */
export const BALANCE_NOTICE_ROUTES = {
  balanceNotice: route({ method: "get", path: "/api/account/balance-notice", summary: "When the account is told that its wallet runs low, and how", who: "account", words: "openai", answer: notice }),
  setBalanceNotice: route({
    method: "put",
    path: "/api/account/balance-notice",
    summary: "Sets it: told once each time the wallet falls below the line",
    who: "account",
    words: "openai",
    body: wish,
    answer: notice,
  }),
  organisationNotice: route({ method: "get", path: "/api/account/organisations/{id}/balance-notice", summary: "When an organisation's admins are told that its wallet runs low, and how (admins)", who: "account", words: "openai", params: organisation, answer: notice }),
  setOrganisationNotice: route({
    method: "put",
    path: "/api/account/organisations/{id}/balance-notice",
    summary: "Sets it (admins): told once each time the organisation's wallet falls below the line",
    who: "account",
    words: "openai",
    params: organisation,
    body: wish,
    answer: notice,
  }),
};
