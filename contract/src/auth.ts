import { z } from "zod";
import { idText } from "./fields.ts";
import { route } from "./route.ts";

/**
 * Sign-in, as better-auth's clients call it (https://better-auth.com): what of it is served stands here, and nothing else is. Sessions travel in a cookie. Answers are better-auth's own.
 */
const NAME_LENGTH_MAX = 100;
const EMAIL_LENGTH_MAX = 254;
const PASSWORD_LENGTH_MAX = 128;
const PASSWORD_LENGTH_MIN = 8;
const TOKEN_LENGTH_MAX = 4_000;
const ADDRESS_LENGTH_MAX = 2_000;
const CODE_LENGTH_MAX = 64;

const email = z.email().max(EMAIL_LENGTH_MAX);
/** One that is asked for: of any length that was ever allowed. */
const password = z.string().min(1).max(PASSWORD_LENGTH_MAX);
const newPassword = z.string().min(PASSWORD_LENGTH_MIN).max(PASSWORD_LENGTH_MAX);
/** A path and nothing else: no mail and no sign-in leads to another site. */
const page = z.string().max(ADDRESS_LENGTH_MAX).regex(/^\/(?![/\\])[^\s\\]*$/, "must be a path of the gateway").describe("path of a page of the gateway to go on to");
const code = z.string().min(1).max(CODE_LENGTH_MAX);
const token = z.string().min(1).max(TOKEN_LENGTH_MAX);
const provider = z.enum(["github", "google", "oidc"]);
/** What a browser's authenticator says (WebAuthn, PublicKeyCredential.toJSON). */
const credential = z.record(z.string(), z.unknown());
const open = z.looseObject({});
const answered = open.nullable().or(z.array(open));

/** A browser that came here is sent on to a page. */
const sentOn = { 302: { why: "go on to the page in `location`; what went wrong stands in its query" } };

const get = (path: string, summary: string) => ({ method: "get", path: `/api/auth${path}`, summary, words: "auth", answer: answered }) as const;
const post = (path: string, summary: string) => ({ ...get(path, summary), method: "post" }) as const;

export const AUTH_ROUTES = {
  signUp: route({
    ...post("/sign-up/email", "Makes an account; a mail asks to confirm the address. The answer is the same where the address has an account"),
    who: "anybody",
    answer: z.object({ token: z.null(), user: z.object({ name: z.string(), email: z.string(), emailVerified: z.literal(false) }) }),
    body: z.strictObject({ name: z.string().max(NAME_LENGTH_MAX), email, password: newPassword, invitation: code.optional(), callbackURL: page.optional() }),
  }),
  signInEmail: route({ ...post("/sign-in/email", "Signs in with address and password"), who: "anybody", body: z.strictObject({ email, password, rememberMe: z.boolean().optional(), callbackURL: page.optional() }) }),
  signInName: route({
    ...post("/sign-in/username", "Signs in with user name and password"),
    who: "anybody",
    body: z.strictObject({ username: z.string().min(1).max(NAME_LENGTH_MAX), password, rememberMe: z.boolean().optional(), callbackURL: page.optional() }),
  }),
  signInSocial: route({
    ...post("/sign-in/social", "The address of somebody else's sign-in page"),
    who: "anybody",
    body: z.strictObject({ provider, callbackURL: page.optional(), errorCallbackURL: page.optional(), newUserCallbackURL: page.optional(), disableRedirect: z.boolean().optional(), additionalData: z.strictObject({ invitation: code.optional() }).optional() }),
  }),
  callback: route({ ...get("/callback/{provider}", "Where that page sends its visitors back to"), who: "anybody", params: z.object({ provider }), query: z.looseObject({}), further: sentOn }),
  signOut: route({ ...post("/sign-out", "Ends the session"), who: "anybody" }),
  session: route({ ...get("/get-session", "The session and its account; null: none"), who: "anybody", query: z.looseObject({}) }),
  sessions: route({ ...get("/list-sessions", "All sessions of the account"), who: "session" }),
  endSession: route({ ...post("/revoke-session", "Ends one of them"), who: "session", body: z.strictObject({ token }) }),
  endOtherSessions: route({ ...post("/revoke-other-sessions", "Ends all but this one"), who: "session" }),
  changePassword: route({ ...post("/change-password", "Changes the password"), who: "session", body: z.strictObject({ currentPassword: password, newPassword, revokeOtherSessions: z.boolean().optional() }) }),
  forgotPassword: route({ ...post("/request-password-reset", "Sends a mail to choose a new password with; the answer is the same where there is no account"), who: "anybody", body: z.strictObject({ email, redirectTo: page.optional() }) }),
  resetLink: route({ ...get("/reset-password/{token}", "Where that mail leads to: goes on to the page that asked, with the token"), who: "anybody", params: z.object({ token }), query: z.object({ callbackURL: page.optional() }), further: sentOn }),
  resetPassword: route({ ...post("/reset-password", "Sets the new password, and ends all sessions"), who: "anybody", body: z.strictObject({ newPassword, token }) }),
  sendConfirmation: route({ ...post("/send-verification-email", "Sends the mail that confirms an address once more; the answer is the same where there is no account"), who: "anybody", body: z.strictObject({ email, callbackURL: page.optional() }) }),
  confirm: route({ ...get("/verify-email", "Where that mail leads to"), who: "anybody", query: z.object({ token, callbackURL: page.optional() }), further: sentOn }),
  changeEmail: route({ ...post("/change-email", "Begins a change of address: the old and the new one are asked"), who: "session", body: z.strictObject({ newEmail: email, callbackURL: page.optional() }) }),
  ways: route({ ...get("/list-accounts", "How the account can be signed in to"), who: "session" }),
  link: route({ ...post("/link-social", "The address of a sign-in page to add to them"), who: "session", body: z.strictObject({ provider, callbackURL: page.optional(), errorCallbackURL: page.optional(), disableRedirect: z.boolean().optional() }) }),
  unlink: route({ ...post("/unlink-account", "Takes one of them away, but not the last; only in a session that is not older than an hour"), who: "session", body: z.strictObject({ accountId: z.string().min(1).max(CODE_LENGTH_MAX).describe("its `id` in the list") }) }),
  totpEnable: route({ ...post("/two-factor/enable", "Begins a second factor: the secret for the app, and codes for when it is lost"), who: "session", body: z.strictObject({ password }) }),
  totpDisable: route({ ...post("/two-factor/disable", "Takes the second factor away"), who: "session", body: z.strictObject({ password }) }),
  totpUri: route({ ...post("/two-factor/get-totp-uri", "The secret once more"), who: "session", body: z.strictObject({ password }) }),
  totpVerify: route({ ...post("/two-factor/verify-totp", "The code of the app: after a password, or to end the beginning"), who: "anybody", body: z.strictObject({ code, trustDevice: z.boolean().optional() }) }),
  backupVerify: route({ ...post("/two-factor/verify-backup-code", "One of the other codes, each of which is good once"), who: "anybody", body: z.strictObject({ code, trustDevice: z.boolean().optional() }) }),
  backupNew: route({ ...post("/two-factor/generate-backup-codes", "Other codes in the place of the old"), who: "session", body: z.strictObject({ password }) }),
  passkeyAdd: route({ ...get("/passkey/generate-register-options", "What a browser needs to make a passkey; only of a session that is not older than an hour"), who: "session", query: z.object({ name: z.string().max(NAME_LENGTH_MAX).optional(), authenticatorAttachment: z.enum(["platform", "cross-platform"]).optional() }) }),
  passkeyAdded: route({ ...post("/passkey/verify-registration", "The passkey it made"), who: "session", body: z.strictObject({ response: credential, name: z.string().max(NAME_LENGTH_MAX).optional() }) }),
  passkeyAsk: route({ ...get("/passkey/generate-authenticate-options", "What a browser needs to sign in with one"), who: "anybody" }),
  passkeySignIn: route({ ...post("/passkey/verify-authentication", "Signs in with one"), who: "anybody", body: z.strictObject({ response: credential }) }),
  passkeys: route({ ...get("/passkey/list-user-passkeys", "The account's passkeys"), who: "session" }),
  passkeyDelete: route({ ...post("/passkey/delete-passkey", "Takes one away; only in a session that is not older than an hour"), who: "session", body: z.strictObject({ id: idText }) }),
  passkeyRename: route({ ...post("/passkey/update-passkey", "Renames one"), who: "session", body: z.strictObject({ id: idText, name: z.string().min(1).max(NAME_LENGTH_MAX) }) }),
};
