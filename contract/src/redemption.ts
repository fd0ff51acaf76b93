import { z } from "zod";
import { usd } from "./fields.ts";
import { route } from "./route.ts";

const CODE_LENGTH_MAX = 64;
const code = z.string().min(1).max(CODE_LENGTH_MAX);

/** Redeeming a code, in our words and in the family's. */
export const REDEMPTION_ROUTES = {
  redeem: route({
    method: "post",
    path: "/api/account/redeem",
    summary: "Redeems a code: its amount goes into the wallet, once",
    who: "account",
    words: "openai",
    body: z.strictObject({ code }),
    answer: z.object({ amount_usd: usd, balance_usd: usd }),
  }),
  topUp: route({
    method: "post",
    path: "/api/user/topup",
    summary: "The same for clients of the family",
    who: "account",
    words: "system",
    body: z.object({ key: code }),
    answer: z.object({ success: z.boolean(), message: z.string(), data: z.int().describe("quota units that were added; 500,000 are one US dollar") }),
  }),
};
