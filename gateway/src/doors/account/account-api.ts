import type { ACCOUNT_ROUTES } from "@yescale/contract";
import { keyHash, newAccessKey } from "../../accounts/api-key.ts";
import { nanoToUsdText } from "../../catalog/money.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { guess } from "../../identity/guesses.ts";
import { isPassword } from "../../identity/passwords.ts";
import { removeAccount } from "../../store/queries/account-removal.ts";
import { profileOf, removeAccessKey, renameAccount, setAccessKey } from "../../store/queries/accounts.ts";
import { passwordOf } from "../../store/queries/identity.ts";
import { ledgerOf, requestOf } from "../../store/queries/ledger.ts";
import type { ApiCall, Handlers } from "../api/handler.ts";
import { nextOf } from "../api/pages.ts";
import type { ApiServices } from "../api/services.ts";
import { secondsOf } from "../system/family.ts";

const usdOf = (nano: string | null): string => nanoToUsdText(BigInt(nano ?? "0"));

/** An account's own affairs. */
export function accountHandlers({ db, flush, identity, mailFolder }: ApiServices): Handlers<typeof ACCOUNT_ROUTES> {
  const profile = async (id: string) => {
    await flush();
    const found = await profileOf(db, id);
    if (!found) throw new GatewayError("notFound");
    return {
      id: Number(found.id),
      username: found.username,
      display_name: found.display_name,
      email: found.email,
      email_verified: found.email_verified,
      role: found.role,
      created_at: secondsOf(found.created_at),
      balance_usd: usdOf(found.balance_nano),
      used_usd: usdOf(found.used_nano),
      requests: Number(found.requests ?? 0),
      has_password: Boolean(found.has_password),
      has_access_key: Boolean(found.has_access_key),
      two_factor: found.two_factor_enabled,
    };
  };

  /** That it is the owner who asks, and not somebody who found a browser open or a key in a file. */
  const confirm = async ({ caller, request, body, address }: ApiCall<(typeof ACCOUNT_ROUTES)["remove"]>): Promise<void> => {
    const hash = await passwordOf(db, caller.account.id);
    if (body.password !== undefined && hash !== undefined) {
      const tried = await guess(db, "signIn", { account: `account ${caller.account.id}`, address: address() });
      if (await isPassword(body.password, hash)) return tried.right();
    } else if (caller.by === "session" && (await (await identity()).isFresh(request.headers))) return;
    throw new GatewayError("confirmation", { param: "password" });
  };

  return {
    read: ({ caller }) => profile(caller.account.id),

    async change({ caller, body }) {
      if (!(await renameAccount(db, caller.account.id, { username: body.username, displayName: body.display_name }))) throw new GatewayError("conflict", { publicText: "This name is taken.", param: "username" });
      return profile(caller.account.id);
    },

    async remove(call) {
      const { account } = call.caller;
      if (call.body.username !== account.username) throw new GatewayError("invalidRequest", { publicText: "This is not the account's name.", param: "username" });
      await confirm(call);
      await flush();
      const address = (await profileOf(db, account.id))?.email;
      refuseRemoval(await removeAccount(db, account.id));
      if (address) mailFolder.forget(address);
      return { deleted: true };
    },

    async newAccessKey({ caller }) {
      const accessKey = newAccessKey();
      await setAccessKey(db, caller.account.id, keyHash(accessKey));
      return { access_key: accessKey };
    },

    async noAccessKey({ caller }) {
      await removeAccessKey(db, caller.account.id);
      return { revoked: true };
    },

    async ledger({ caller, query }) {
      await flush();
      const rows = await ledgerOf(db, { kind: "wallet", id: caller.account.id }, { before: query.after, limit: query.limit });
      const data = rows.map((row) => ({ id: Number(row.seq), at: secondsOf(row.at), kind: row.kind, amount_usd: usdOf(row.amount_nano), reason: row.reason ?? "", ref: row.ref }));
      return { data, next: nextOf(rows, query.limit, (row) => row.seq) };
    },

    async request({ caller, params }) {
      await flush();
      const row = await requestOf(db, caller.account.id, params.id);
      if (!row) throw new GatewayError("notFound", { publicText: "There is no such request." });
      return requestView(row);
    },
  };
}

type RequestRow = NonNullable<Awaited<ReturnType<typeof requestOf>>>;

/** A request as its caller may see it: nothing of channels, which are the operator's. */
export const requestView = (row: RequestRow) => ({
  id: row.id,
  at: secondsOf(row.at),
  key_id: Number(row.key_id),
  organisation_id: row.organisation_id === null ? null : Number(row.organisation_id),
  group: row.group_name,
  dialect: row.dialect,
  endpoint: row.endpoint,
  model: row.model,
  stream: row.stream,
  status: row.status,
  error_code: row.error_code,
  end: row.end_reason,
  first_byte_ms: row.first_byte_ms,
  duration_ms: row.duration_ms,
  usage: row.usage,
  estimated: row.estimated,
  charge_usd: usdOf(row.charge_nano),
  lines: row.lines as { class: string; units: number; unitPricePico: string; ratioMicro: number; amountNano: number }[],
  price_version: row.price_version,
});

/** Throws GatewayError for an account that cannot be removed. */
export function refuseRemoval(result: Awaited<ReturnType<typeof removeAccount>>): void {
  if (result === "sole owner") throw new GatewayError("conflict", { publicText: "The account is the only owner of an organisation: make another member its owner first, or end it." });
  if (result === "last") throw new GatewayError("conflict", { publicText: "The gateway would be without an owner." });
}
