import { GatewayError } from "../errors/gateway-error.ts";
import type { Hold, LeaseBook, Refusal } from "./lease-book.ts";
import { journalForm, type SettlementRecord } from "./record.ts";
import type { Settler } from "./settler.ts";

/**
 * Which way a coin goes.
 *
 *   hold     reserves a request's expected cost on its wallet and its key's quota, or on neither (lease-book.ts), from leases
 *            that this process took from Postgres: no query on the way of a request
 *   settle   ends the hold once and writes the charge to the journal (journal.ts) - the caller sends the last byte only after it returned
 *   settler  carries the journal to Postgres in batches: request row, ledger, balances, leases in one transaction, once per request id
 *   start    a journal left by a killed process is applied before anything else (recovery.ts); what it had leased is free again
 */
export interface Payer {
  /** the wallet that pays: the owner's, or its organisation's */
  walletBudget: number;
  /** what else must have room */
  caps: readonly Cap[];
  /** sandbox keys never pay and hold nothing */
  free: boolean;
}

/** A budget that limits and does not pay, and how its end is told. */
export interface Cap {
  budget: number;
  refusal: "insufficientKey" | "insufficientMember";
}

/** Seconds after which a caller refused for too much in flight may try again. */
const BUSY_RETRY_SECONDS = 1;

export class Wallet {
  constructor(
    private readonly leases: LeaseBook,
    private readonly settler: Settler,
  ) {}

  /**
   * A hold, at once where the leases reach, else after asking Postgres. Amounts in nano-dollars.
   * Throws (or rejects with) GatewayError `insufficientWallet`, `insufficientKey`, `insufficientMember`, `walletBusy` or `databaseDown`.
   */
  hold(payer: Payer, expectedNano: number, worstNano: number): Hold | Promise<Hold> {
    if (payer.free) return { budgets: [], expectedNano: 0, worstNano: 0, open: true };
    const budgets = budgetsOf(payer);
    return (
      this.leases.tryHold(budgets, expectedNano, worstNano) ??
      this.leases.hold(budgets, expectedNano, worstNano).then((answer) => {
        if ("refused" in answer) throw refusalError(answer, payer);
        return answer;
      })
    );
  }

  /** A hold of nothing, for a charge that is owed though nothing was reserved for it: always given, ended like any other. */
  emptyHold(payer: Payer): Hold {
    if (payer.free) return { budgets: [], expectedNano: 0, worstNano: 0, open: true };
    return this.leases.emptyHold(budgetsOf(payer));
  }

  /**
   * Journals the record, then ends the hold by its charge. When it has resolved, the answer's last byte may go out. Rejects when the disk refuses: nothing has happened then,
   * the hold is still open, and the caller gets an error instead of a free answer.
   */
  settle(hold: Hold, record: SettlementRecord): Promise<void> {
    const { json, charge } = journalForm(record);
    return this.settler.add(json).then(() => this.leases.end(hold, charge));
  }

  /** Ends the hold without a charge or a record (nothing was done that the log must know). */
  release(hold: Hold): void {
    if (hold.open) this.leases.end(hold, 0);
  }

  /** A row for the log without a hold: a request refused before any money was touched. */
  note(record: SettlementRecord): Promise<void> {
    return this.settler.add(journalForm(record).json);
  }
}

const budgetsOf = ({ walletBudget, caps }: Payer): number[] => (caps.length === 0 ? [walletBudget] : [walletBudget, ...caps.map((cap) => cap.budget)]);

function refusalError(refusal: Refusal, payer: Payer): GatewayError {
  if (refusal.refused === "unavailable")
    return new GatewayError("databaseDown", { internalText: `no lease: ${String(refusal.cause)}`, retryAfterSeconds: 2 });
  if (refusal.refused === "busy") return new GatewayError("walletBusy", { retryAfterSeconds: BUSY_RETRY_SECONDS });
  return new GatewayError(payer.caps.find((cap) => cap.budget === refusal.budgetId)?.refusal ?? "insufficientWallet");
}
