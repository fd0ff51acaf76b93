import type { USER_ADMIN_ROUTES } from "@yescale/contract";
import { keyHash, newAccessKey, newPassword } from "../../accounts/api-key.ts";
import { nanoToUsdText, usdToNano } from "../../catalog/money.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { hashPassword } from "../../identity/passwords.ts";
import { isDuplicate } from "../../store/database.ts";
import { removeAccount } from "../../store/queries/account-removal.ts";
import { createUser } from "../../store/queries/accounts.ts";
import { ledgerOf } from "../../store/queries/ledger.ts";
import { creditOwner, type WalletOwner } from "../../store/queries/money.ts";
import { listOrganisations, listUsers, type OrganisationRow, organisationOf, userOf, type UserRow } from "../../store/queries/operator-lists.ts";
import { organisationsOf, setOrganisationStatus } from "../../store/queries/organisations.ts";
import { changeUser, resetSignIn } from "../../store/queries/user-changes.ts";
import { refuseRemoval } from "../account/account-api.ts";
import { ROLES } from "../api/caller.ts";
import type { ApiCall, Handlers, Principal } from "../api/handler.ts";
import { nextOf } from "../api/pages.ts";
import type { ApiServices } from "../api/services.ts";
import { secondsOf } from "../system/family.ts";

const usdOf = (nano: string | null): string => nanoToUsdText(BigInt(nano ?? "0"));
const DELETED = 3;
/** Personal: the log says that it was changed, not what it was. */
const PERSONAL = new Set(["username", "display_name", "email"]);

/** Accounts and organisations, for operators. */
export function userAdminHandlers({ db, flush, mailFolder }: ApiServices): Handlers<typeof USER_ADMIN_ROUTES> {
  const one = async (id: string): Promise<UserRow> => {
    const found = await userOf(db, id);
    if (!found) throw new GatewayError("notFound", { publicText: "There is no such account." });
    return found;
  };
  /** An account that the caller may change: his own rank or above is not his to touch, unless he is an owner. */
  const below = async ({ account }: Principal, id: string): Promise<UserRow> => {
    const found = await one(id);
    if (account.role < ROLES.owner && found.role >= account.role) throw new GatewayError("roleTooLow", { publicText: "Only owners may change operators and owners." });
    if (found.status === DELETED) throw new GatewayError("conflict", { publicText: "The account is deleted." });
    return found;
  };
  const refuseRole = ({ account }: Principal, role: number | undefined): void => {
    if (role !== undefined && account.role < ROLES.owner && role >= account.role) throw new GatewayError("roleTooLow", { publicText: "Only owners may make operators and owners.", param: "role" });
  };
  const credit = async ({ body, change, requestId }: Pick<ApiCall<(typeof USER_ADMIN_ROUTES)["credit"]>, "body" | "change" | "requestId">, owner: WalletOwner, subject: string): Promise<boolean> => {
    const amountNano = usdToNano(body.usd);
    if (amountNano === 0n) throw new GatewayError("invalidRequest", { publicText: "An amount is more than nothing, or less.", param: "usd" });
    return change(async (tx, note) => {
      // The reference is the operator's own word: of another purpose's it is kept apart.
      const credited = await creditOwner(tx, owner, { amountNano, kind: "operator", ref: `operator:${body.ref ?? requestId}`, reason: body.reason });
      note({ action: amountNano > 0n ? "wallet.credit" : "wallet.debit", subject, after: { usd: body.usd, reason: body.reason, ref: body.ref ?? requestId, credited } });
      return credited;
    });
  };

  return {
    async list({ query }) {
      await flush();
      const rows = await listUsers(db, { ...query, before: query.after });
      return { data: rows.map(userView), next: nextOf(rows, query.limit, (row) => row.id) };
    },

    async make({ caller, body, change }) {
      refuseRole(caller, body.role);
      const passwordHash = body.password === undefined ? undefined : await hashPassword(body.password);
      const id = await change(async (tx, note) => {
        const made = await createUser(tx, { username: body.username, displayName: body.display_name, role: body.role, accessKeyHash: null, ...(passwordHash === undefined ? {} : { passwordHash }), ...(body.email === undefined ? {} : { email: body.email.toLowerCase() }) });
        if (made === undefined) throw new GatewayError("conflict", { publicText: "The name or the address is taken." });
        note({ action: "user.add", subject: `user:${made}`, after: { role: body.role, has_password: passwordHash !== undefined } });
        return made;
      });
      return userView(await one(id));
    },

    async read({ params }) {
      await flush();
      return userView(await one(params.id));
    },

    async change({ caller, params, body, change }) {
      const before = await below(caller, params.id);
      refuseRole(caller, body.role);
      await change(async (tx, note) => {
        try {
          const result = await changeUser(tx, params.id, { username: body.username, displayName: body.display_name, email: body.email?.toLowerCase(), role: body.role, status: body.status });
          if (result === "last owner") throw new GatewayError("conflict", { publicText: "The gateway would be without an owner." });
        } catch (error) {
          if (isDuplicate(error)) throw new GatewayError("conflict", { publicText: "The name or the address is taken." });
          throw error;
        }
        const shown = (values: Record<string, unknown>) => Object.fromEntries(Object.keys(body).map((name) => [name, PERSONAL.has(name) ? "(personal)" : values[name]]));
        note({ action: "user.change", subject: `user:${params.id}`, before: shown({ role: before.role, status: before.status }), after: shown(body) });
      });
      return userView(await one(params.id));
    },

    async remove({ caller, params, change }) {
      const { email } = await below(caller, params.id);
      await flush();
      await change(async (tx, note) => {
        refuseRemoval(await removeAccount(tx, params.id));
        note({ action: "user.remove", subject: `user:${params.id}` });
      });
      mailFolder.forget(email);
      return { done: true };
    },

    async credit(call) {
      const { caller, params } = call;
      const found = await one(params.id);
      // Nobody gives to himself: it takes a second one, or an owner.
      if (found.id === caller.account.id && caller.account.role < ROLES.owner) throw new GatewayError("roleTooLow", { publicText: "Operators do not credit their own wallets." });
      const credited = await credit(call, { kind: "wallet", id: params.id }, `user:${params.id}`);
      await flush();
      return { credited, balance_usd: usdOf((await one(params.id)).balance_nano) };
    },

    async ledger({ params, query }) {
      await one(params.id);
      await flush();
      const rows = await ledgerOf(db, { kind: "wallet", id: params.id }, { before: query.after, limit: query.limit });
      const data = rows.map((row) => ({ id: Number(row.seq), at: secondsOf(row.at), kind: row.kind, amount_usd: usdOf(row.amount_nano), reason: row.reason ?? "", ref: row.ref }));
      return { data, next: nextOf(rows, query.limit, (row) => row.seq) };
    },

    async reset({ caller, params, body: { what }, change }) {
      await below(caller, params.id);
      const password = what === "password" ? newPassword() : undefined;
      const accessKey = what === "access_key" ? newAccessKey() : undefined;
      const passwordHash = password === undefined ? undefined : await hashPassword(password);
      await change(async (tx, note) => {
        await resetSignIn(tx, params.id, {
          ...(what === "two_factor" ? { twoFactor: true } : {}),
          ...(what === "passkeys" ? { passkeys: true } : {}),
          ...(passwordHash === undefined ? {} : { password: passwordHash }),
          ...(accessKey === undefined ? {} : { accessKeyHash: keyHash(accessKey) }),
        });
        note({ action: "user.reset", subject: `user:${params.id}`, after: { what } });
      });
      return { done: true, ...(password === undefined ? {} : { password }), ...(accessKey === undefined ? {} : { access_key: accessKey }) };
    },

    async organisations({ query }) {
      await flush();
      const rows = await listOrganisations(db, { ...query, before: query.after });
      return { data: rows.map(organisationView), next: nextOf(rows, query.limit, (row) => row.id) };
    },

    changeOrganisation: ({ params, body, change }) =>
      change(async (tx, note) => {
        const before = await organisationOf(tx, params.id);
        if (!before) throw new GatewayError("notFound", { publicText: "There is no such organisation." });
        await setOrganisationStatus(tx, params.id, body.status);
        note({ action: "organisation.change", subject: `organisation:${params.id}`, before: { status: before.status }, after: body });
        return organisationView({ ...before, status: body.status });
      }),

    async creditOrganisation(call) {
      const { caller, params } = call;
      if (!(await organisationOf(db, params.id))) throw new GatewayError("notFound", { publicText: "There is no such organisation." });
      // What he could spend, or inherit by ending it, is his own wallet by another name.
      if (caller.account.role < ROLES.owner && (await organisationsOf(db, caller.account.id, params.id)).length > 0) throw new GatewayError("roleTooLow", { publicText: "Operators do not credit organisations that they belong to." });
      const credited = await credit(call, { kind: "organisation", id: params.id }, `organisation:${params.id}`);
      return { credited, balance_usd: usdOf((await organisationOf(db, params.id))?.balance_nano ?? null) };
    },
  };
}

const userView = (row: UserRow) => ({
  id: Number(row.id),
  username: row.username,
  display_name: row.display_name,
  email: row.email,
  email_verified: row.email_verified,
  role: row.role,
  status: row.status,
  created_at: secondsOf(row.created_at),
  balance_usd: usdOf(row.balance_nano),
  used_usd: usdOf(row.used_nano),
  requests: Number(row.requests ?? 0),
  has_password: Boolean(row.has_password),
  has_access_key: Boolean(row.has_access_key),
  two_factor: row.two_factor_enabled,
});

const organisationView = (row: OrganisationRow) => ({
  id: Number(row.id),
  name: row.name,
  status: row.status,
  created_at: secondsOf(row.created_at),
  balance_usd: usdOf(row.balance_nano),
  used_usd: usdOf(row.used_nano),
  members: Number(row.members ?? 0),
});
