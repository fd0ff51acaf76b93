import { nanoToUsdText } from "../catalog/money.ts";
import type { Clock } from "../clock/clock.ts";
import type { Downloader } from "../egress/download.ts";
import { afterNotice, NOTICE_ANSWER_MS_MAX, type NoticeOutcome, postSigned } from "../egress/signed-post.ts";
import { letters } from "../identity/mail-texts.ts";
import type { Mailer } from "../identity/mailer.ts";
import type { Logger } from "../observe/log.ts";
import { type AccountMessage, claimMessages, noteMessage, tellLowBalances } from "../store/queries/balance-notices.ts";
import type { Db } from "../store/database.ts";

/** How often wallets are looked at: charges reach the database in less. */
const LOOK_MS = 5_000;
const AT_ONCE = 32;

export interface BalanceNoticeServices {
  db: Db;
  clock: Clock;
  log: Logger;
  downloader: Pick<Downloader, "post">;
  mail: Mailer;
  brand: () => string;
  publicUrl: () => string;
  /** what notices to the address of an account or organisation are signed with */
  secretOf: (kind: "user" | "organisation", id: number) => string;
  random: () => number;
}

/** Tells accounts and the admins of organisations that their wallets run low: by mail and by a signed notice, once for each fall below their line. What is to be told is written down with the mark that it is, so that it is neither lost with a process nor told twice by two. */
export class BalanceNotices {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private working: Promise<void> = Promise.resolve();

  constructor(private readonly services: BalanceNoticeServices) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.working = this.work().finally(() => {
        if (!this.stopped) this.start();
      });
    }, LOOK_MS);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.working;
  }

  /** Looks at wallets and sends what is due. Never rejects. */
  async work(): Promise<void> {
    const { db, clock, log } = this.services;
    try {
      await tellLowBalances(db, clock.now());
      const due = await claimMessages(db, { nowMs: clock.now(), leaseMs: NOTICE_ANSWER_MS_MAX * 2, most: AT_ONCE });
      await Promise.all(due.map((message) => this.deliver(message)));
    } catch (error) {
      log.warn({ error: String(error) }, "notices of low balances could not be sent");
    }
  }

  private async deliver(message: AccountMessage): Promise<void> {
    const { db, clock, random } = this.services;
    const outcome = await (message.way === "mail" ? this.write(message) : this.post(message));
    await noteMessage(db, message.id, afterNotice(outcome, message.attempts, clock.now(), random()));
  }

  private async write(message: AccountMessage): Promise<NoticeOutcome> {
    const { mail, brand, publicUrl } = this.services;
    if (message.email === "") return { error: "the reader has no confirmed address", never: true };
    try {
      await mail({ to: message.email, ...letters.lowBalance(brand(), { ofOrganisation: message.organisation?.name, balanceUsd: nanoToUsdText(message.balanceNano), belowUsd: nanoToUsdText(message.belowNano) }, publicUrl()) });
      return {};
    } catch (error) {
      return { error: String(error) };
    }
  }

  private post(message: AccountMessage): Promise<NoticeOutcome> {
    const { downloader, secretOf, clock } = this.services;
    const { organisation, userId = 0 } = message;
    const whose = organisation ? { organisation_id: organisation.id } : { account_id: userId };
    const body = JSON.stringify({ type: "balance.low", timestamp: message.createdAt.toISOString(), data: { ...whose, balance_usd: nanoToUsdText(message.balanceNano), below_usd: nanoToUsdText(message.belowNano) } });
    return postSigned(downloader, { id: message.id, url: message.url ?? "", body, secret: organisation ? secretOf("organisation", organisation.id) : secretOf("user", userId) }, clock.now());
  }
}
