import { passkey } from "@better-auth/passkey";
import { betterAuth, type BetterAuthOptions } from "better-auth";
import { APIError, getOAuthState } from "better-auth/api";
import { genericOAuth, twoFactor, username } from "better-auth/plugins";
import { keyHash } from "../accounts/api-key.ts";
import type { Logger } from "../observe/log.ts";
import type { Db } from "../store/database.ts";
import { endSessions, settleInvitation, takeInvitation } from "../store/queries/identity.ts";
import { letters } from "./mail-texts.ts";
import type { Mailer } from "./mailer.ts";
import { ADDRESS_HEADER, AUTH_PATH, COOKIE_PREFIX } from "./names.ts";
import { hashPassword, isPassword, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from "./passwords.ts";
import type { SignInProvider, SignUpMode } from "../settings/identity.ts";
import type { StartingCredit } from "./starting-credit.ts";
import { USER_NAME, userNameOf } from "./user-names.ts";

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

export interface AuthParts {
  db: Db;
  log: Logger;
  mailer: Mailer;
  /** how the gateway calls itself, in mails */
  brand: () => string;
  /** our own origin: stands in links, redirects and passkeys */
  publicUrl: string;
  secret: string;
  signUp: () => SignUpMode;
  providers: readonly SignInProvider[];
  credit: StartingCredit;
  random: () => number;
}

/** What we use of better-auth. */
export interface Auth {
  /** Answers one of its routes. */
  handle(request: Request): Promise<Response>;
  /** The id of the account whose session the headers carry. */
  sessionOf(headers: Headers): Promise<string | undefined>;
  /** Who may make an account at this moment. */
  signUp(): SignUpMode;
  /** Whether that session began within the last hour. */
  isFresh(headers: Headers): Promise<boolean>;
}

/** better-auth on our tables and with our accounts as its users: passwords, second factors, passkeys, sign-in by others, sessions. Which of its routes are served says the contract. */
export function createAuth(parts: AuthParts): Auth {
  const auth = betterAuth(optionsOf(parts));
  const session = (headers: Headers) => auth.api.getSession({ headers, query: { disableRefresh: true } });
  return {
    handle: (request) => auth.handler(request),
    signUp: parts.signUp,
    sessionOf: async (headers) => (await session(headers))?.user.id,
    async isFresh(headers) {
      const found = await session(headers);
      return found !== null && Date.now() - found.session.createdAt.getTime() < HOUR_SECONDS * 1000;
    },
  };
}

function optionsOf(parts: AuthParts) {
  const { db, log, brand, publicUrl, secret, providers } = parts;
  return {
    appName: brand(),
    baseURL: publicUrl,
    basePath: AUTH_PATH,
    secret,
    // The gateway answers on several names; that a request comes from its own pages is seen to at the door too.
    trustedOrigins: (request) => (request ? ownOrigins(request) : []),
    database: { db, type: "postgres" },
    telemetry: { enabled: false },
    logger: { level: "warn", log: (level, message) => log[level === "error" ? "error" : "debug"]({ from: "sign-in" }, message) },
    // Guesses are counted at the door, over all processes.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: COOKIE_PREFIX,
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax" },
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
      database: { generateId: "serial" },
      // A mail on its way must not show, by how long an answer takes, that there is an account.
      backgroundTasks: { handler: (task) => void task.catch((error: unknown) => log.error({ error: String(error) }, "a mail could not be sent")) },
    },
    user: {
      modelName: "users",
      fields: { name: "display_name", emailVerified: "email_verified", createdAt: "created_at", updatedAt: "updated_at" },
      changeEmail: { enabled: true, sendChangeEmailConfirmation: ({ user, newEmail, url }) => parts.mailer({ to: user.email, ...letters.changeAddress(brand(), newEmail, url) }) },
    },
    session: {
      modelName: "auth_sessions",
      fields: { userId: "user_id", expiresAt: "expires_at", ipAddress: "ip_address", userAgent: "user_agent", createdAt: "created_at", updatedAt: "updated_at" },
      expiresIn: 14 * DAY_SECONDS,
      updateAge: DAY_SECONDS,
      freshAge: HOUR_SECONDS,
    },
    account: {
      modelName: "auth_accounts",
      fields: {
        userId: "user_id", providerId: "provider_id", accountId: "account_id", accessToken: "access_token", refreshToken: "refresh_token", idToken: "id_token",
        accessTokenExpiresAt: "access_token_expires_at", refreshTokenExpiresAt: "refresh_token_expires_at", createdAt: "created_at", updatedAt: "updated_at",
      },
      encryptOAuthTokens: true,
      // An account of somebody else's with our user's address opens nothing: who is signed in links it himself.
      accountLinking: { enabled: true, disableImplicitLinking: true },
    },
    verification: { modelName: "auth_verifications", fields: { expiresAt: "expires_at", createdAt: "created_at", updatedAt: "updated_at" } },
    emailAndPassword: {
      enabled: true,
      requireEmailVerification: true,
      autoSignIn: false,
      minPasswordLength: PASSWORD_LENGTH_MIN,
      maxPasswordLength: PASSWORD_LENGTH_MAX,
      password: { hash: hashPassword, verify: ({ hash, password }) => isPassword(password, hash) },
      resetPasswordTokenExpiresIn: HOUR_SECONDS,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: ({ user, url }) => parts.mailer({ to: user.email, ...letters.newPassword(brand(), url) }),
      onPasswordReset: async ({ user }) => {
        await endSessions(db, user.id);
        await parts.mailer({ to: user.email, ...letters.passwordChanged(brand()) });
      },
      onExistingUserSignUp: ({ user }) => parts.mailer({ to: user.email, ...letters.alreadyHere(brand()) }),
    },
    emailVerification: {
      sendOnSignUp: true,
      autoSignInAfterVerification: false,
      expiresIn: HOUR_SECONDS,
      sendVerificationEmail: ({ user, url }) => parts.mailer({ to: user.email, ...letters.confirmAddress(brand(), url) }),
      afterEmailVerification: (user, request) => welcome(parts, user, request?.headers.get(ADDRESS_HEADER) ?? ""),
    },
    socialProviders: Object.fromEntries(providers.flatMap(({ id, clientId, clientSecret }) => (id === "oidc" ? [] : [[id, { clientId, clientSecret }]]))),
    databaseHooks: { user: { create: { before: (user, context) => admit(parts, user, context), after: (user, context) => admitted(parts, user, context) } } },
    plugins: [
      username({
        displayUsername: false,
        minUsernameLength: 1,
        maxUsernameLength: 100,
        usernameValidator: (name) => name === name.toLowerCase() || USER_NAME.test(name.toLowerCase()),
      }),
      twoFactor({
        issuer: brand(),
        skipVerificationOnEnable: false,
        schema: {
          user: { fields: { twoFactorEnabled: "two_factor_enabled" } },
          twoFactor: {
            modelName: "auth_two_factors",
            fields: { userId: "user_id", backupCodes: "backup_codes", failedVerificationCount: "failed_verification_count", lockedUntil: "locked_until" },
          },
        },
      }),
      passkey({
        rpID: new URL(publicUrl).hostname,
        rpName: brand(),
        origin: new URL(publicUrl).origin,
        schema: {
          passkey: {
            modelName: "auth_passkeys",
            fields: { publicKey: "public_key", userId: "user_id", credentialID: "credential_id", deviceType: "device_type", backedUp: "backed_up", createdAt: "created_at" },
          },
        },
      }),
      ...oidcOf(providers),
    ],
  } satisfies BetterAuthOptions;
}

/** The request's own origin under both schemes: behind a proxy that ends TLS the one seen here is another than the browser's. */
function ownOrigins(request: Request): string[] {
  const host = request.headers.get("host");
  return host === null ? [] : [`https://${host}`, `http://${host}`];
}

function oidcOf(providers: readonly SignInProvider[]) {
  const config = providers.flatMap(({ id, clientId, clientSecret, issuer }) =>
    id === "oidc" && issuer !== undefined
      ? [{ providerId: id, clientId, clientSecret, discoveryUrl: `${issuer.replace(/\/+$/, "")}/.well-known/openid-configuration`, scopes: ["openid", "email", "profile"], pkce: true }]
      : [],
  );
  return config.length === 0 ? [] : [genericOAuth({ config })];
}

type HookContext = { path?: string; body?: unknown; request?: Request | undefined; headers?: Headers | undefined } | null;
interface NewUser {
  email: string;
  emailVerified: boolean;
  name: string;
}

/** Invitations of accounts that are being made, until it is known whether they were. */
const invitations = new WeakMap<object, string>();

/** The code that came with the request, or with the way to somebody else's sign-in page. */
async function codeOf(context: HookContext): Promise<string | undefined> {
  const body = context?.body;
  const given: unknown = typeof body === "object" && body !== null && "invitation" in body ? body.invitation : undefined;
  if (typeof given === "string") return given;
  const state: unknown = await Promise.resolve(getOAuthState()).catch(() => undefined);
  const kept: unknown = typeof state === "object" && state !== null && "invitation" in state ? state.invitation : undefined;
  return typeof kept === "string" ? kept : undefined;
}

/** May this account be made, and as what: the one place that every way of making one passes. Throws better-auth's APIError. */
async function admit({ db, signUp, random }: AuthParts, user: NewUser, context: HookContext) {
  const mode = signUp();
  if (mode === "closed") throw new APIError("FORBIDDEN", { code: "SIGN_UP_CLOSED", message: "No accounts can be made here." });
  const code = await codeOf(context);
  const invitation = code === undefined ? undefined : await takeInvitation(db, keyHash(code), user.email);
  if (mode === "invitation" && !invitation) throw new APIError("FORBIDDEN", { code: "INVITATION_NEEDED", message: "An account needs an invitation that is still good." });
  if (invitation && context) invitations.set(context, invitation.id);
  return { data: { ...user, name: user.name.slice(0, 100), username: userNameOf(user.email, random), emailVerified: user.emailVerified || invitation?.bound === true } };
}

async function admitted(parts: AuthParts, user: NewUser & { id: string }, context: HookContext): Promise<void> {
  const invitation = context ? invitations.get(context) : undefined;
  if (invitation !== undefined) await settleInvitation(parts.db, invitation, user.id);
  if (user.emailVerified) await welcome(parts, user, context?.headers?.get(ADDRESS_HEADER) ?? "");
}

/** The account's address is known to be its own: it gets what a new account gets. Never in the way of signing in. */
async function welcome({ credit, log }: AuthParts, user: { id: string; email: string }, address: string): Promise<void> {
  try {
    await credit.give({ id: user.id, email: user.email, address });
  } catch (error) {
    log.error({ error: String(error), userId: user.id }, "a starting credit could not be given");
  }
}
