import { z } from "zod";
import { apiKey, keyChanges, logQuery, logRow, newKey, pageNumber } from "./family.ts";
import { idText, unixSeconds, usd, wholeNumber } from "./fields.ts";
import { route } from "./route.ts";

const NAME_LENGTH_MAX = 100;
const EMAIL_LENGTH_MAX = 254;
const CODE_LENGTH_MAX = 64;
const LOG_ROWS_MAX = 1_000;

const role = z.enum(["owner", "admin", "member"]);
const dollars = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, 'must be dollars such as "12.5"');
const organisation = z.object({
  id: z.int(),
  name: z.string(),
  role: role.describe("the caller's own"),
  created_at: unixSeconds,
  balance_usd: usd,
  used_usd: usd,
  members: z.int(),
});
const member = z.object({
  user_id: z.int(),
  username: z.string(),
  display_name: z.string(),
  role,
  cap_usd: usd.nullable().describe("what is left of what the member may spend; null: as much as the wallet holds"),
  created_at: unixSeconds,
});
const invitation = z.object({ id: z.int(), role, email: z.string(), created_at: unixSeconds, expires_at: unixSeconds, accepted: z.boolean() });
const keyRow = apiKey.omit({ DeletedAt: true });

const one = z.object({ id: idText });
const ofMember = z.object({ id: idText, user_id: idText });
const ofKey = z.object({ id: idText, key_id: idText });
const name = z.string().trim().min(1).max(NAME_LENGTH_MAX);
const at = (path: string) => ({ path: `/api/account/organisations${path}`, who: "account", words: "openai" }) as const;
const done = z.object({ done: z.literal(true) });

/** An account's organisations: one wallet, several members. Admins see and change what members do; owners also who is admin, and the organisation itself. Who is no member is told that there is none. */
export const ORGANISATION_ROUTES = {
  list: route({ ...at(""), method: "get", summary: "The organisations that the account belongs to", answer: z.object({ data: z.array(organisation) }) }),
  make: route({ ...at(""), method: "post", summary: "Makes one, of which the account is the owner", body: z.strictObject({ name }), answer: organisation }),
  join: route({ ...at("/join"), method: "post", summary: "Becomes a member by the code of an invitation", body: z.strictObject({ code: z.string().min(1).max(CODE_LENGTH_MAX) }), answer: organisation }),
  read: route({ ...at("/{id}"), method: "get", summary: "One of them", params: one, answer: organisation }),
  change: route({ ...at("/{id}"), method: "patch", summary: "Renames it (admins)", params: one, body: z.strictObject({ name }), answer: organisation }),
  remove: route({ ...at("/{id}"), method: "delete", summary: "Ends it (owners): its keys stop, and what its wallet holds goes to the wallet of who ended it", params: one, answer: done }),
  deposit: route({ ...at("/{id}/deposit"), method: "post", summary: "Moves money from the account's own wallet into the organisation's", params: one, body: z.strictObject({ usd: dollars }), answer: organisation, refusals: { 402: "the wallet does not hold that much" } }),
  members: route({ ...at("/{id}/members"), method: "get", summary: "Its members", params: one, answer: z.object({ data: z.array(member) }) }),
  changeMember: route({
    ...at("/{id}/members/{user_id}"),
    method: "patch",
    summary: "Sets what a member may still spend (admins), or what he is (owners)",
    params: ofMember,
    body: z.strictObject({ cap_usd: dollars.nullable().describe("null: no limit"), role }).partial(),
    answer: member,
  }),
  removeMember: route({ ...at("/{id}/members/{user_id}"), method: "delete", summary: "Takes a member out (admins), or leaves; the member's keys stop", params: ofMember, answer: done }),
  invitations: route({ ...at("/{id}/invitations"), method: "get", summary: "Its invitations (admins)", params: one, answer: z.object({ data: z.array(invitation) }) }),
  invite: route({
    ...at("/{id}/invitations"),
    method: "post",
    summary: "Invites somebody (admins; to be an admin: owners); the code is shown in this answer only, and sent by mail if there is an address. It is good for 14 days",
    params: one,
    body: z.strictObject({ role: z.enum(["admin", "member"]).default("member"), email: z.email().max(EMAIL_LENGTH_MAX).optional() }),
    answer: invitation.extend({ code: z.string() }),
  }),
  uninvite: route({ ...at("/{id}/invitations/{invitation_id}"), method: "delete", summary: "Takes an invitation back (admins)", params: z.object({ id: idText, invitation_id: idText }), answer: done }),
  keys: route({ ...at("/{id}/keys"), method: "get", summary: "Its API keys: all (admins), or the account's own", params: one, answer: z.object({ data: z.array(keyRow) }) }),
  makeKey: route({ ...at("/{id}/keys"), method: "post", summary: "Makes an API key that the organisation pays for; it is shown in this answer only", params: one, body: newKey, answer: keyRow }),
  changeKey: route({ ...at("/{id}/keys/{key_id}"), method: "patch", summary: "Changes one: any (admins), or an own", params: ofKey, body: keyChanges, answer: keyRow }),
  deleteKey: route({ ...at("/{id}/keys/{key_id}"), method: "delete", summary: "Deletes one", params: ofKey, answer: done }),
  logs: route({
    ...at("/{id}/logs"),
    method: "get",
    summary: "What its keys did and what came into its wallet (admins), newest first",
    params: one,
    query: z.object({ p: pageNumber, page_size: wholeNumber(1, LOG_ROWS_MAX).default(100), ...logQuery }),
    answer: z.object({ total: z.int(), data: z.array(logRow) }),
  }),
};
