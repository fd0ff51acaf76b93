import type { SETTINGS_ROUTES } from "@yescale/contract";
import { keyHash, newInvitationCode } from "../../accounts/api-key.ts";
import type { Announcement, TopUpValues } from "../../accounts/operator-settings.ts";
import { usdToNano } from "../../catalog/money.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { letters } from "../../identity/mail-texts.ts";
import { digitsOf } from "../../payments/amounts.ts";
import { addSignUpInvitation, listSignUpInvitations, removeSignUpInvitation } from "../../store/queries/identity.ts";
import { addAnnouncement, changeAnnouncement, listAnnouncements, type NewAnnouncement, oneAnnouncement, removeAnnouncement, setOperatorSettings } from "../../store/queries/settings.ts";
import type { Handlers } from "../api/handler.ts";
import { nextOf } from "../api/pages.ts";
import type { ApiServices } from "../api/services.ts";
import { secondsOf } from "../system/family.ts";

const DAY_MS = 86_400_000;
const DONE = { done: true } as const;
const missing = (what: string): GatewayError => new GatewayError("notFound", { publicText: `There is no such ${what}.` });

/** What would turn a way to pay off without a word. Throws GatewayError. */
function refuseUnpayable({ card_currency, top_up_min_usd, top_up_max_usd }: TopUpValues, change: object): void {
  if ("card_currency" in change && digitsOf(card_currency) === undefined) throw new GatewayError("invalidRequest", { publicText: `Orders are not made in ${card_currency}.`, param: "card_currency" });
  const bound = ["top_up_min_usd", "top_up_max_usd"].find((name) => name in change);
  if (bound !== undefined && usdToNano(top_up_min_usd) > usdToNano(top_up_max_usd)) throw new GatewayError("invalidRequest", { publicText: `The least, ${top_up_min_usd}, would be more than the most, ${top_up_max_usd}.`, param: bound });
}

/** Settings of the running gateway, announcements, invitations. */
export function settingsHandlers({ db, settings, clock, mail, brand, publicUrl }: ApiServices): Handlers<typeof SETTINGS_ROUTES> {
  const shown = () => ({ settings: settings.values, set_here: settings.setHere });
  const announcementOf = (body: { title: string; text: string; level: string; starts_at?: number | undefined; ends_at: number | null }): NewAnnouncement => {
    const startsAt = new Date(body.starts_at === undefined ? clock.now() : body.starts_at * 1000);
    const endsAt = body.ends_at === null ? null : new Date(body.ends_at * 1000);
    if (endsAt && endsAt <= startsAt) throw new GatewayError("invalidRequest", { publicText: "It would end before it begins.", param: "ends_at" });
    return { title: body.title, text: body.text, level: body.level, startsAt, endsAt };
  };

  return {
    settings: shown,

    async change({ body, change }) {
      const before = settings.values;
      refuseUnpayable(settings.valuesWith(body), body);
      await change(async (tx, note) => {
        await setOperatorSettings(tx, body);
        const names = Object.keys(body) as (keyof typeof before)[];
        note({ action: "settings.change", subject: "settings", before: Object.fromEntries(names.map((name) => [name, before[name]])), after: body });
      });
      await settings.load();
      return shown();
    },

    async announcements({ query }) {
      const rows = await listAnnouncements(db, { before: query.after, limit: query.limit });
      return { data: rows.map(announcementView), next: nextOf(rows, query.limit, (row) => row.id) };
    },

    announce: ({ body, change }) =>
      change(async (tx, note) => {
        const made = announcementView(await addAnnouncement(tx, announcementOf(body)));
        note({ action: "announcement.add", subject: `announcement:${made.id}`, after: made });
        return made;
      }),

    changeAnnouncement: ({ params, body, change }) =>
      change(async (tx, note) => {
        const before = await oneAnnouncement(tx, params.id);
        const after = await changeAnnouncement(tx, params.id, announcementOf(body));
        if (!before || !after) throw missing("announcement");
        note({ action: "announcement.change", subject: `announcement:${params.id}`, before: announcementView(before), after: announcementView(after) });
        return announcementView(after);
      }),

    removeAnnouncement: ({ params, change }) =>
      change(async (tx, note) => {
        const before = await removeAnnouncement(tx, params.id);
        if (!before) throw missing("announcement");
        note({ action: "announcement.remove", subject: `announcement:${params.id}`, before: announcementView(before) });
        return DONE;
      }),

    async invitations({ query }) {
      const rows = await listSignUpInvitations(db, { before: query.after, limit: query.limit });
      return { data: rows.map(invitationView), next: nextOf(rows, query.limit, (row) => row.id) };
    },

    async invite({ caller, body, change }) {
      const code = newInvitationCode();
      const made = await change(async (tx, note) => {
        const row = await addSignUpInvitation(tx, { codeHash: keyHash(code), email: body.email ?? "", note: body.note, invitedBy: caller.account.id, expiresAt: new Date(clock.now() + body.days * DAY_MS) });
        // Whom it is for is personal, and stays out of the log that is kept for ever.
        note({ action: "invitation.add", subject: `invitation:${row.id}`, after: { days: body.days, by_mail: body.email !== undefined } });
        return row;
      });
      if (body.email !== undefined) await mail({ to: body.email, ...letters.invitation(brand(), code, publicUrl()) });
      return { ...invitationView(made), code };
    },

    uninvite: ({ params, change }) =>
      change(async (tx, note) => {
        if (!(await removeSignUpInvitation(tx, params.id))) throw missing("invitation");
        note({ action: "invitation.remove", subject: `invitation:${params.id}` });
        return DONE;
      }),
  };
}

const announcementView = (row: Announcement) => ({
  id: Number(row.id),
  title: row.title,
  text: row.text,
  level: row.level as "info" | "warning",
  starts_at: secondsOf(row.starts_at),
  ends_at: row.ends_at ? secondsOf(row.ends_at) : null,
});

const invitationView = (row: Awaited<ReturnType<typeof listSignUpInvitations>>[number]) => ({
  id: Number(row.id),
  email: row.email,
  note: row.note,
  created_at: secondsOf(row.created_at),
  expires_at: secondsOf(row.expires_at),
  used_by: row.used_by === null ? null : Number(row.used_by),
});
