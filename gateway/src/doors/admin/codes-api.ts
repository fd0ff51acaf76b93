import type { CODE_ADMIN_ROUTES } from "@yescale/contract";
import { nanoToUsdText, usdToNano } from "../../catalog/money.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { codeHash, codeShown, newRedemptionCode } from "../../payments/codes.ts";
import { addBatch, type BatchRow, batches, changeBatch, type CodeRow, codesOf, setCodeDisabled } from "../../store/queries/codes.ts";
import type { Handlers } from "../api/handler.ts";
import { nextOf } from "../api/pages.ts";
import type { ApiServices } from "../api/services.ts";
import { secondsOf } from "../system/family.ts";
import { csvLine } from "./csv.ts";

/** Codes of one batch at most, as the contract has it. */
const BATCH_CODES_MAX = 10_000;

/** Redemption codes, for operators. */
export function codeAdminHandlers({ db, clock }: ApiServices): Handlers<typeof CODE_ADMIN_ROUTES> {
  const one = async (id: string): Promise<BatchRow> => {
    const [found] = await batches(db, { id, limit: 1 });
    if (!found) throw new GatewayError("notFound", { publicText: "There is no such batch." });
    return found;
  };
  const endOf = (seconds: number | null): Date | null => {
    if (seconds !== null && seconds * 1000 <= clock.now()) throw new GatewayError("invalidRequest", { publicText: "The end must lie ahead.", param: "expires_at" });
    return seconds === null ? null : new Date(seconds * 1000);
  };

  return {
    async batches({ query }) {
      const rows = await batches(db, { before: query.after, limit: query.limit });
      return { data: rows.map(batchView), next: nextOf(rows, query.limit, (row) => row.id) };
    },

    async make({ caller, query, body, change }) {
      const amountNano = usdToNano(body.usd);
      if (amountNano <= 0n) throw new GatewayError("invalidRequest", { publicText: "An amount is more than nothing.", param: "usd" });
      const expiresAt = endOf(body.expires_at);
      const codes = Array.from({ length: body.count }, newRedemptionCode);
      const { batch, ids } = await change(async (tx, note) => {
        const made = await addBatch(tx, { name: body.name, amountNano, expiresAt, createdBy: caller.account.id, codes: codes.map((code) => ({ hash: codeHash(code), visible: codeShown(code) })) });
        note({ action: "codes.add", subject: `code-batch:${made.batch.id}`, after: { name: body.name, count: body.count, usd: body.usd, expires_at: body.expires_at } });
        return made;
      });
      if (query.format === "json") return { batch: batchView(batch), codes };
      const rows = codes.map((code, i) => [ids[i], code, body.usd, body.expires_at === null ? "" : new Date(body.expires_at * 1000).toISOString()]);
      return csvFile(`codes-${batch.id}.csv`, [["id", "code", "amount_usd", "expires_at"], ...rows]);
    },

    async change({ params, body, change }) {
      const before = await one(params.id);
      await change(async (tx, note) => {
        await changeBatch(tx, params.id, { name: body.name, expiresAt: body.expires_at === undefined ? undefined : endOf(body.expires_at), disabled: body.disabled });
        const was = batchView(before);
        note({ action: "codes.change", subject: `code-batch:${params.id}`, before: { name: was.name, expires_at: was.expires_at, disabled: was.disabled }, after: body });
      });
      return batchView(await one(params.id));
    },

    async codes({ params, query }) {
      await one(params.id);
      const rows = await codesOf(db, params.id, { after: query.after, limit: query.limit });
      return { data: rows.map(codeView), next: nextOf(rows, query.limit, (row) => row.id) };
    },

    async export({ params, query, change }) {
      await one(params.id);
      await change((_tx, note) => Promise.resolve(note({ action: "export", subject: `code-batch:${params.id}`, after: { format: query.format } })));
      const rows = (await codesOf(db, params.id, { limit: BATCH_CODES_MAX })).map(codeView);
      if (query.format === "json") return rows;
      const names = ["id", "code", "disabled", "redeemed_by", "redeemed_by_name", "redeemed_at"] as const;
      return csvFile(`codes-${params.id}-state.csv`, [names, ...rows.map((row) => names.map((name) => row[name]))]);
    },

    changeCode: ({ params, body, change }) =>
      change(async (tx, note) => {
        const found = await setCodeDisabled(tx, params.id, body.disabled);
        if (!found) throw new GatewayError("notFound", { publicText: "There is no such code, or it is used." });
        note({ action: "code.change", subject: `code:${params.id}`, before: { disabled: found.was }, after: body });
        return { id: Number(params.id), disabled: body.disabled };
      }),
  };
}

const csvFile = (name: string, rows: readonly (readonly unknown[])[]): Response =>
  new Response(rows.map(csvLine).join(""), { headers: { "content-type": "text/csv; charset=utf-8; header=present", "content-disposition": `attachment; filename="${name}"`, "x-content-type-options": "nosniff" } });

const batchView = (row: BatchRow) => ({
  id: Number(row.id),
  name: row.name,
  amount_usd: nanoToUsdText(BigInt(row.amount_nano)),
  count: row.count,
  redeemed: Number(row.redeemed ?? 0),
  created_by: Number(row.created_by),
  created_at: secondsOf(row.created_at),
  expires_at: row.expires_at === null ? null : secondsOf(row.expires_at),
  disabled: row.disabled_at !== null,
});

const codeView = (row: CodeRow) => ({
  id: Number(row.id),
  code: row.visible,
  disabled: row.disabled_at !== null,
  redeemed_by: row.redeemed_by === null ? null : Number(row.redeemed_by),
  redeemed_by_name: row.username,
  redeemed_at: row.redeemed_at === null ? null : secondsOf(row.redeemed_at),
});
