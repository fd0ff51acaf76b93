import type { AUDIT_ROUTES } from "@yescale/contract";
import { listAudit } from "../../store/queries/audit.ts";
import type { Handlers } from "../api/handler.ts";
import { nextOf } from "../api/pages.ts";
import type { ApiServices } from "../api/services.ts";
import { secondsOf } from "../system/family.ts";

export const auditHandlers = ({ db }: ApiServices): Handlers<typeof AUDIT_ROUTES> => ({
  async audit({ query }) {
    const rows = await listAudit(db, { ...query, before: query.after });
    const data = rows.map((row) => ({
      id: Number(row.id),
      at: secondsOf(row.at),
      actor_id: row.actor_id === null ? null : Number(row.actor_id),
      actor: row.actor,
      action: row.action,
      subject: row.subject,
      before: row.before,
      after: row.after,
      request_id: row.request_id,
    }));
    return { data, next: nextOf(rows, query.limit, (row) => row.id) };
  },
});
