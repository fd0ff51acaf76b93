import { GatewayError } from "../../errors/gateway-error.ts";
import type { Db } from "../../store/database.ts";
import { organisationsOf } from "../../store/queries/organisations.ts";

const RANKS = { member: 0, admin: 1, owner: 2 } as const;
export type Rank = keyof typeof RANKS;

/** A higher one may do more. */
export const rankOf = (role: string): number => RANKS[role as Rank];

/** The organisation, as an account sees it that is at least this in it. For others there is none; for those below, it is not theirs to do. Throws GatewayError notFound, roleTooLow. */
export async function membership(db: Db, userId: string, id: string, least: Rank = "member") {
  const [found] = await organisationsOf(db, userId, id);
  if (!found) throw new GatewayError("notFound", { publicText: "There is no such organisation." });
  if (rankOf(found.role) < RANKS[least]) throw new GatewayError("roleTooLow", { publicText: least === "owner" ? "Only its owners may do this." : "Only its admins and owners may do this." });
  return found;
}
