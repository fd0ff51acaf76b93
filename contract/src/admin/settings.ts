import { z } from "zod";
import { idParams, page, pageQuery, unixSeconds, usd } from "../fields.ts";
import { route } from "../route.ts";

const NAME_LENGTH_MAX = 60;
const TEXT_LENGTH_MAX = 20_000;
const TITLE_LENGTH_MAX = 200;
const EMAIL_LENGTH_MAX = 254;
/** The year 9999. */
const SECONDS_MAX = 253_402_300_799;
const DAYS_MAX = 365;

const link = z.string().max(2_000).regex(/^(?:https?:\/\/\S+)?$/, "must be an http or https address, or nothing");
const dollars = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, 'must be dollars such as "1"');
const text = z.string().max(TEXT_LENGTH_MAX).describe("Markdown");

const currency = z.string().regex(/^[A-Z]{3}$/, 'must be a currency such as "VND"');
const percent = z.string().regex(/^(?:100|\d{1,2}(?:\.\d{1,4})?)$/, 'must be a percentage such as "2.5"');
const BONUS_TIERS_MAX = 20;
const CURRENCIES_MAX = 50;
const topUpUsd = z.string().regex(/^\d{1,7}(\.\d{1,2})?$/, 'must be dollars and whole cents such as "10"');

const values = {
  sign_up: z.enum(["open", "invitation", "closed"]),
  starting_credit_usd: dollars,
  system_name: z.string().trim().min(1).max(NAME_LENGTH_MAX),
  logo: link,
  top_up_link: link,
  chat_link: link,
  notice: text,
  about: text,
  home_page_content: text,
  exchange_rates: z
    .record(currency, z.string().regex(/^(?!0+(\.0+)?$)\d{1,9}(\.\d{1,6})?$/, 'must be more than nothing, such as "26000"'))
    .refine((rates) => Object.keys(rates).length <= CURRENCIES_MAX, `must be at most ${CURRENCIES_MAX}`)
    .describe("what one dollar costs in each currency"),
  card_currency: currency.describe("the currency that cards are charged in"),
  top_up_min_usd: topUpUsd,
  top_up_max_usd: topUpUsd,
  bonus_tiers: z.array(z.strictObject({ from_usd: topUpUsd, percent })).max(BONUS_TIERS_MAX).describe("more credit for orders from that many dollars on; of several the highest that is reached"),
  receipt_seller: z.string().max(1_000).describe("who sells, as it stands on receipts: name, address, tax number"),
};
const settings = z.object(values);

const announcement = z.object({ id: z.int(), title: z.string(), text: z.string(), level: z.enum(["info", "warning"]), starts_at: unixSeconds, ends_at: unixSeconds.nullable() });
const newAnnouncement = z.strictObject({
  title: z.string().trim().min(1).max(TITLE_LENGTH_MAX),
  text: text.default(""),
  level: z.enum(["info", "warning"]).default("info"),
  starts_at: z.int().min(0).max(SECONDS_MAX).optional().describe("Unix seconds; now unless told"),
  ends_at: z.int().min(0).max(SECONDS_MAX).nullable().default(null),
});

const invitation = z.object({ id: z.int(), email: z.string(), note: z.string(), created_at: unixSeconds, expires_at: unixSeconds, used_by: z.int().nullable() });
const admin = (path: string) => ({ path: `/api/admin${path}`, words: "openai", who: "operator" }) as const;
const done = z.object({ done: z.literal(true) });

/** What an operator sets while the gateway runs; it stands before the environment's settings. */
export const SETTINGS_ROUTES = {
  settings: route({ ...admin("/settings"), method: "get", summary: "What is set", answer: z.object({ settings, set_here: z.array(z.string()).describe("what stands here and not in the environment") }) }),
  change: route({
    ...admin("/settings"),
    who: "owner",
    method: "patch",
    summary: "Sets some of it; null: what the environment says",
    body: z.strictObject(Object.fromEntries(Object.entries(values).map(([name, schema]) => [name, schema.nullable()])) as { [Name in keyof typeof values]: z.ZodNullable<(typeof values)[Name]> }).partial(),
    answer: z.object({ settings, set_here: z.array(z.string()) }),
  }),
  announcements: route({ ...admin("/announcements"), method: "get", summary: "All announcements, newest first", query: z.object(pageQuery), answer: page(announcement) }),
  announce: route({ ...admin("/announcements"), method: "post", summary: "Announces something, for a time", body: newAnnouncement, answer: announcement }),
  changeAnnouncement: route({ ...admin("/announcements/{id}"), method: "put", summary: "Changes an announcement", params: idParams, body: newAnnouncement, answer: announcement }),
  removeAnnouncement: route({ ...admin("/announcements/{id}"), method: "delete", summary: "Takes an announcement back", params: idParams, answer: done }),
  invitations: route({ ...admin("/invitations"), method: "get", summary: "Invitations to make an account, newest first", query: z.object(pageQuery), answer: page(invitation) }),
  invite: route({
    ...admin("/invitations"),
    method: "post",
    summary: "Invites somebody to make an account; the code is shown in this answer only, and sent by mail if there is an address, which it then confirms",
    body: z.strictObject({ email: z.email().max(EMAIL_LENGTH_MAX).optional(), note: z.string().max(TITLE_LENGTH_MAX).default(""), days: z.int().min(1).max(DAYS_MAX).default(14) }),
    answer: invitation.extend({ code: z.string() }),
  }),
  uninvite: route({ ...admin("/invitations/{id}"), method: "delete", summary: "Takes an invitation back that nobody has used", params: idParams, answer: done }),
};

/** What everybody may know of this gateway. */
const said = z.object({ success: z.boolean(), message: z.string(), data: z.string() });
export const PUBLIC_ROUTES = {
  status: route({
    method: "get",
    path: "/api/status",
    summary: "What clients of the family recognise it by, and convert amounts with",
    who: "anybody",
    words: "system",
    answer: z.object({
      success: z.boolean(),
      message: z.string(),
      data: z.object({
        version: z.string(),
        start_time: unixSeconds,
        system_name: z.string(),
        logo: z.string(),
        server_address: z.string(),
        quota_per_unit: z.int().describe("quota units in one US dollar"),
        display_in_currency: z.boolean(),
        top_up_link: z.string(),
        chat_link: z.string(),
        register_enabled: z.boolean(),
        email_verification: z.boolean(),
        github_oauth: z.boolean(),
        google_oauth: z.boolean(),
        oidc_enabled: z.boolean(),
        passkey_login: z.boolean(),
        starting_credit_usd: usd,
        announcements: z.array(z.object({ id: z.int(), title: z.string(), content: z.string(), type: z.string(), publishDate: z.string() })),
      }),
    }),
  }),
  notice: route({ method: "get", path: "/api/notice", summary: "The operator's notice", who: "anybody", words: "system", answer: said }),
  about: route({ method: "get", path: "/api/about", summary: "About this gateway", who: "anybody", words: "system", answer: said }),
  home: route({ method: "get", path: "/api/home_page_content", summary: "What its home page says", who: "anybody", words: "system", answer: said }),
};
