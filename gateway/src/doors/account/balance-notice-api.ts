import type { BALANCE_NOTICE_ROUTES } from "@yescale/contract";
import { nanoToUsdText, usdToNano } from "../../catalog/money.ts";
import { webhookSecretOf } from "../../channels/secrets.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { balanceNoticeOf, setBalanceNotice } from "../../store/queries/balance-notices.ts";
import type { WalletOwner } from "../../store/queries/money.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { membership } from "./membership.ts";

/** Whether an account, or the admins of an organisation, are told that its wallet runs low. */
export function balanceNoticeHandlers({ db, box, refusePrivate }: ApiServices): Handlers<typeof BALANCE_NOTICE_ROUTES> {
  const shown = async (owner: WalletOwner) => {
    const notice = await balanceNoticeOf(db, owner);
    return { below_usd: notice ? nanoToUsdText(notice.belowNano) : null, by_mail: notice?.byMail ?? false, url: notice?.url ?? null, webhook_secret: webhookSecretOf(box, Number(owner.id), owner.kind === "wallet" ? "user" : "organisation") };
  };
  /** In the words of notices: whoever sets one has sent no media. */
  const refuseInside = async (url: string): Promise<void> => {
    try {
      await refusePrivate(url);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      throw new GatewayError("invalidRequest", { publicText: "Notices go to public web servers only.", internalText: error.internalText, param: "url" });
    }
  };
  const set = async (owner: WalletOwner, wish: { below_usd: string | null; by_mail: boolean; url: string | null }) => {
    if (wish.url !== null) await refuseInside(wish.url);
    await setBalanceNotice(db, owner, wish.below_usd === null ? undefined : { belowNano: usdToNano(wish.below_usd), byMail: wish.by_mail, url: wish.url });
    return shown(owner);
  };
  const organisation = async (userId: string, id: string): Promise<WalletOwner> => ({ kind: "organisation", id: (await membership(db, userId, id, "admin")).id });

  return {
    balanceNotice: ({ caller }) => shown({ kind: "wallet", id: caller.account.id }),
    setBalanceNotice: ({ caller, body }) => set({ kind: "wallet", id: caller.account.id }, body),
    organisationNotice: async ({ caller, params }) => shown(await organisation(caller.account.id, params.id)),
    setOrganisationNotice: async ({ caller, params, body }) => set(await organisation(caller.account.id, params.id), body),
  };
}
