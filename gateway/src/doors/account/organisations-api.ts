import type { ORGANISATION_ROUTES } from "@yescale/contract";
import { keyHash, newInvitationCode } from "../../accounts/api-key.ts";
import { nanoToUsdText, usdToNano } from "../../catalog/money.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { guess } from "../../identity/guesses.ts";
import { letters } from "../../identity/mail-texts.ts";
import { ensureBudget, moveFree } from "../../store/queries/money.ts";
import type { KeyOwner } from "../../store/queries/keys.ts";
import { listKeys } from "../../store/queries/keys.ts";
import * as organisations from "../../store/queries/organisations.ts";
import { afterRecall } from "../api/after-recall.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { keyRow, secondsOf } from "../system/family.ts";
import { keyChangesOf } from "../system/key-wish.ts";
import { membership, type Rank, rankOf } from "./membership.ts";
import { changeOwnKey, deleteOwnKey, findOwnKeys, makeOwnKey } from "../system/own-keys.ts";
import { logFilterOf, logPage } from "../system/own-logs.ts";

/** An account belongs to at most this many: each is looked through at every list. */
const ORGANISATIONS_MAX = 50;
const INVITATIONS_SHOWN_MAX = 200;
const INVITATION_MS = 14 * 86_400_000;
const DONE = { done: true } as const;

const usdOf = (nano: string | null): string => nanoToUsdText(BigInt(nano ?? "0"));

/** Organisations: what a member may do there follows from what he is there, asked anew at each request. */
export function organisationHandlers(services: ApiServices): Handlers<typeof ORGANISATION_ROUTES> {
  const { db, clock, catalog, flush, mail, brand, publicUrl } = services;

  const seen = (userId: string, id: string, least?: Rank) => membership(db, userId, id, least);
  const shown = async (userId: string, id: string) => {
    await flush();
    return view(await seen(userId, id));
  };
  /** Whose keys the account may see and change: all, or its own. */
  const keyOwner = async (userId: string, id: string): Promise<KeyOwner> => (rankOf((await seen(userId, id)).role) >= rankOf("admin") ? { organisationId: id } : { organisationId: id, userId });
  const oneKey = async (owner: KeyOwner, id: string) => {
    const [row] = await listKeys(db, owner, { id, limit: 1 });
    if (!row) throw new GatewayError("notFound", { publicText: "There is no such API key." });
    return keyRow(row, clock.now());
  };
  const oneMember = async (id: string, userId: string) => {
    const [found] = await organisations.membersOf(db, id, userId);
    if (!found) throw new GatewayError("notFound", { publicText: "There is no such member." });
    return found;
  };
  /** Who may change a member: owners all, admins those below them. */
  const refuseAbove = (own: string, theirs: string): void => {
    if (own !== "owner" && rankOf(theirs) >= rankOf(own)) throw new GatewayError("roleTooLow", { publicText: "Only owners may change admins and owners." });
  };
  const lastOwner = (result: "done" | "last owner" | "none"): typeof DONE => {
    if (result === "last owner") throw new GatewayError("conflict", { publicText: "The organisation would be without an owner." });
    return DONE;
  };

  return {
    async list({ caller }) {
      await flush();
      return { data: (await organisations.organisationsOf(db, caller.account.id)).map(view) };
    },

    async make({ caller, body }) {
      if ((await organisations.organisationsOf(db, caller.account.id)).length >= ORGANISATIONS_MAX) throw new GatewayError("conflict", { publicText: `An account belongs to ${ORGANISATIONS_MAX} organisations at most.` });
      return shown(caller.account.id, await organisations.createOrganisation(db, { name: body.name, ownerId: caller.account.id }));
    },

    async join({ caller, body, address }) {
      const tried = await guess(db, "code", { account: `account ${caller.account.id}`, address: address() });
      const id = await organisations.acceptInvitation(db, keyHash(body.code.trim()), caller.account.id);
      if (id === undefined) throw new GatewayError("notFound", { publicText: "There is no such invitation, or it is over.", param: "code" });
      await tried.right();
      return shown(caller.account.id, id);
    },

    read: ({ caller, params }) => shown(caller.account.id, params.id),

    async change({ caller, params, body }) {
      await seen(caller.account.id, params.id, "admin");
      await organisations.renameOrganisation(db, params.id, body.name);
      return shown(caller.account.id, params.id);
    },

    async remove({ caller, params }) {
      await seen(caller.account.id, params.id, "owner");
      await flush();
      await organisations.endOrganisation(db, params.id, caller.account.id);
      return DONE;
    },

    async deposit({ caller, params, body, requestId }) {
      await seen(caller.account.id, params.id);
      const amountNano = usdToNano(body.usd);
      if (amountNano <= 0n) throw new GatewayError("invalidRequest", { publicText: "An amount is more than nothing.", param: "usd" });
      await flush();
      const [from, to] = [await ensureBudget(db, "wallet", caller.account.id), await ensureBudget(db, "organisation", params.id)];
      const move = { from, to, amountNano, kind: "transfer", ref: `deposit:${requestId}`, reason: "moved to an organisation" };
      const result = await afterRecall(db, { kind: "wallet", id: caller.account.id }, () => moveFree(db, move), (moved) => (moved.moved ? 0n : moved.leasedNano));
      if (!result.moved) throw new GatewayError("insufficientWallet", { publicText: "The wallet does not hold that much, or requests under way need it.", param: "usd" });
      return shown(caller.account.id, params.id);
    },

    async members({ caller, params }) {
      await seen(caller.account.id, params.id);
      await flush();
      return { data: (await organisations.membersOf(db, params.id)).map(memberView) };
    },

    async changeMember({ caller, params, body, requestId }) {
      const own = await seen(caller.account.id, params.id, body.role === undefined ? "admin" : "owner");
      refuseAbove(own.role, (await oneMember(params.id, params.user_id)).role);
      await flush();
      const cap = body.cap_usd === undefined ? {} : { capNano: body.cap_usd === null ? null : usdToNano(body.cap_usd) };
      lastOwner(await organisations.changeMember(db, params.id, params.user_id, { ...cap, ...(body.role === undefined ? {} : { role: body.role }), ref: `member-cap:${requestId}` }));
      return memberView(await oneMember(params.id, params.user_id));
    },

    async removeMember({ caller, params }) {
      const own = await seen(caller.account.id, params.id);
      if (params.user_id !== caller.account.id) {
        await seen(caller.account.id, params.id, "admin");
        refuseAbove(own.role, (await oneMember(params.id, params.user_id)).role);
      }
      return lastOwner(await organisations.removeMember(db, params.id, params.user_id));
    },

    async invitations({ caller, params }) {
      await seen(caller.account.id, params.id, "admin");
      return { data: (await organisations.invitationsOf(db, params.id, INVITATIONS_SHOWN_MAX)).map(invitationView) };
    },

    async invite({ caller, params, body, address }) {
      const organisation = await seen(caller.account.id, params.id, body.role === "admin" ? "owner" : "admin");
      await guess(db, "mail", { account: `account ${caller.account.id} invites`, address: address() });
      const code = newInvitationCode();
      const made = await organisations.addInvitation(db, {
        organisationId: params.id, role: body.role, email: body.email ?? "", codeHash: keyHash(code), invitedBy: caller.account.id, expiresAt: new Date(clock.now() + INVITATION_MS),
      });
      if (body.email !== undefined) await mail({ to: body.email, ...letters.organisation(brand(), organisation.name, code, publicUrl()) });
      return { ...invitationView(made), code };
    },

    async uninvite({ caller, params }) {
      await seen(caller.account.id, params.id, "admin");
      if (!(await organisations.removeInvitation(db, params.id, params.invitation_id))) throw new GatewayError("notFound", { publicText: "There is no such invitation." });
      return DONE;
    },

    async keys({ caller, params }) {
      return { data: await findOwnKeys(services, await keyOwner(caller.account.id, params.id), {}) };
    },

    async makeKey({ caller, params, body }) {
      await seen(caller.account.id, params.id);
      return makeOwnKey(services, { userId: caller.account.id, organisationId: params.id }, body);
    },

    async changeKey({ caller, params, body, requestId }) {
      const owner = await keyOwner(caller.account.id, params.id);
      await changeOwnKey(services, owner, params.key_id, keyChangesOf(body, catalog(), caller.account.id), `key-edit:${requestId}`);
      return oneKey(owner, params.key_id);
    },

    async deleteKey({ caller, params }) {
      await deleteOwnKey(services, await keyOwner(caller.account.id, params.id), params.key_id);
      return DONE;
    },

    async logs({ caller, params, query: { p, page_size, ...query } }) {
      await seen(caller.account.id, params.id, "admin");
      const { total, rows } = await logPage(services, await logFilterOf(services, { organisationId: params.id }, { organisationId: params.id }, query), p, page_size);
      return { total, data: rows };
    },
  };
}

const view = (row: Awaited<ReturnType<typeof organisations.organisationsOf>>[number]) => ({
  id: Number(row.id),
  name: row.name,
  role: row.role as Rank,
  created_at: secondsOf(row.created_at),
  balance_usd: usdOf(row.balance_nano),
  used_usd: usdOf(row.used_nano),
  members: Number(row.members ?? 0),
});

const memberView = (row: Awaited<ReturnType<typeof organisations.membersOf>>[number]) => ({
  user_id: Number(row.user_id),
  username: row.username,
  display_name: row.display_name,
  role: row.role as Rank,
  cap_usd: row.unlimited ? null : usdOf(row.cap_nano),
  created_at: secondsOf(row.created_at),
});

const invitationView = (row: Awaited<ReturnType<typeof organisations.invitationsOf>>[number]) => ({
  id: Number(row.id),
  role: row.role as Rank,
  email: row.email,
  created_at: secondsOf(row.created_at),
  expires_at: secondsOf(row.expires_at),
  accepted: row.accepted_at !== null,
});
