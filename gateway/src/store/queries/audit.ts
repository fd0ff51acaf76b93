import { type Db, inTransaction } from "../database.ts";

/** One change as the audit log keeps it. */
export interface AuditChange {
  action: string;
  subject: string;
  before?: unknown;
  after?: unknown;
}

/**
 * Runs `work` in a transaction and keeps what it noted in the audit log of the same transaction: both or neither. `noted` is filled with the notes once they are kept. `actorId` undefined: the gateway itself.
 */
export async function changeAudited<Result>(
  db: Db,
  by: { actorId: string | undefined; requestId: string },
  noted: AuditChange[],
  work: (tx: Db, note: (change: AuditChange) => void) => Promise<Result>,
): Promise<Result> {
  const changes: AuditChange[] = [];
  const result = await inTransaction(db, async (tx) => {
    const done = await work(tx, (change) => void changes.push(change));
    for (const { action, subject, before, after } of changes)
      await tx
        .insertInto("audit_log")
        .values({ actor_id: by.actorId ?? null, request_id: by.requestId, action, subject, before: asJson(before), after: asJson(after) })
        .execute();
    return done;
  });
  noted.push(...changes);
  return result;
}

const asJson = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/** Entries of the audit log, newest first, with the actor's present name. `before`: only those with a smaller id. */
export function listAudit(db: Db, filter: { limit: number; before?: string | undefined; action?: string | undefined; subject?: string | undefined }) {
  let query = db
    .selectFrom("audit_log as a")
    .leftJoin("users as u", "u.id", "a.actor_id")
    .select(["a.id", "a.at", "a.actor_id", "u.username as actor", "a.action", "a.subject", "a.before", "a.after", "a.request_id"])
    .orderBy("a.id", "desc")
    .limit(filter.limit);
  if (filter.before !== undefined) query = query.where("a.id", "<", filter.before);
  if (filter.action) query = query.where("a.action", "=", filter.action);
  if (filter.subject) query = query.where("a.subject", "=", filter.subject);
  return query.execute();
}
