import type { REDEMPTION_ROUTES } from "@yescale/contract";
import { nanoToUsdText } from "../../catalog/money.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { guess } from "../../identity/guesses.ts";
import { codeHash } from "../../payments/codes.ts";
import { accountById } from "../../store/queries/accounts.ts";
import { redeemCode } from "../../store/queries/codes.ts";
import { ROLES } from "../api/caller.ts";
import type { ApiCall, Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { quotaOf } from "../system/family.ts";

type Redeeming = Pick<ApiCall<(typeof REDEMPTION_ROUTES)["redeem"]>, "caller" | "address" | "change">;

/** Redeeming codes. All that is wrong with a code is told in one way: who guesses learns nothing. */
export function redemptionHandlers({ db, clock, flush }: ApiServices): Handlers<typeof REDEMPTION_ROUTES> {
  const redeem = async ({ caller: { account }, address, change }: Redeeming, code: string, param: string): Promise<bigint> => {
    const tried = await guess(db, "redemption", { account: `account ${account.id}`, address: address() });
    const amountNano = await change(async (tx, note) => {
      const redeemed = await redeemCode(tx, { hash: codeHash(code), userId: account.id, byMaker: account.role >= ROLES.owner, nowMs: clock.now() });
      if (!redeemed) throw new GatewayError("notFound", { publicText: "There is no such code, or it is used or over.", param });
      note({ action: "code.redeem", subject: `code:${redeemed.id}`, after: { batch: Number(redeemed.batchId), usd: nanoToUsdText(redeemed.amountNano) } });
      return redeemed.amountNano;
    });
    await tried.right();
    return amountNano;
  };

  return {
    async redeem(call) {
      const amountNano = await redeem(call, call.body.code, "code");
      await flush();
      return { amount_usd: nanoToUsdText(amountNano), balance_usd: nanoToUsdText(BigInt((await accountById(db, call.caller.account.id))?.balance_nano ?? "0")) };
    },

    async topUp(call) {
      return { success: true, message: "", data: quotaOf((await redeem(call, call.body.key, "key")).toString()) };
    },
  };
}
