import type { BALANCE_NOTICE_ROUTES } from "@yescale/contract";
import { nanoToUsdText, usdToNano } from "../../catalog/money.ts";
import { webhookSecretOf } from "../../channels/secrets.ts";
import { balanceNoticeOf, setBalanceNotice } from "../../store/queries/balance-notices.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";

/** Whether an account is told that its wallet runs low. */
export function balanceNoticeHandlers({ db, box, refusePrivate }: ApiServices): Handlers<typeof BALANCE_NOTICE_ROUTES> {
  const shown = async (userId: string) => {
    const notice = await balanceNoticeOf(db, userId);
    return { below_usd: notice ? nanoToUsdText(notice.belowNano) : null, by_mail: notice?.byMail ?? false, url: notice?.url ?? null, webhook_secret: webhookSecretOf(box, Number(userId)) };
  };
  return {
    balanceNotice: ({ caller }) => shown(caller.account.id),

    async setBalanceNotice({ caller, body }) {
      if (body.url !== null) await refusePrivate(body.url);
      await setBalanceNotice(db, caller.account.id, body.below_usd === null ? undefined : { belowNano: usdToNano(body.below_usd), byMail: body.by_mail, url: body.url });
      return shown(caller.account.id);
    },
  };
}
