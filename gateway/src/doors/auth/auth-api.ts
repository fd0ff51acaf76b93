import type { ApiRoute, AUTH_ROUTES } from "@yescale/contract";
import { keyHash } from "../../accounts/api-key.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { ADDRESS_HEADER } from "../../identity/names.ts";
import { guess, type GuessPolicy } from "../../identity/guesses.ts";
import { renewPassword } from "../../identity/passwords.ts";
import { isInvited } from "../../store/queries/identity.ts";
import type { ApiCall, Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";

/** What is refused, and what must not tell whether there is such an account, answers no sooner than this: how long it took tells nothing either. */
const ANSWER_MS_MIN = 400;

/** Sign-in: better-auth's own routes, behind what all our routes have in common, and behind counts of what may be guessed. */
export function authHandlers({ db, identity, clock }: ApiServices): Handlers<typeof AUTH_ROUTES> {
  /** The request as it was checked, with the address as we see it. */
  const pass = async (call: ApiCall<ApiRoute>): Promise<Response> => {
    const headers = new Headers(call.request.headers);
    headers.set(ADDRESS_HEADER, call.address());
    // The body is what was let through, in our own spelling.
    headers.delete("content-length");
    const { method } = call.request;
    return (await identity()).handle(new Request(call.request.url, { method: method === "HEAD" ? "GET" : method, headers, ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }) }));
  };

  /** One that may be tried only so often. What is refused takes its time. */
  const guarded = async (call: ApiCall<ApiRoute>, policy: GuessPolicy, account: string): Promise<Response> => {
    const tried = await guess(db, policy, { account, address: call.address() });
    const startedAt = clock.monotonic();
    const response = await pass(call);
    if (response.ok && policy === "signIn") await tried.right();
    else await Bun.sleep(Math.max(0, ANSWER_MS_MIN - (clock.monotonic() - startedAt)));
    return response;
  };

  /** Signs in with a password; a hash that was made with older parameters is made anew, since only now the password is known. */
  const byPassword = async (call: ApiCall<ApiRoute>, account: string, password: string): Promise<Response> => {
    const response = await guarded(call, "signIn", account);
    if (response.ok) {
      const { user } = (await response.clone().json()) as { user?: { id?: unknown } };
      if (typeof user?.id === "string") await renewPassword(db, user.id, password);
    }
    return response;
  };

  /** A second factor belongs to whoever gave the password just before: the cookie says who. */
  const secondFactor = (call: ApiCall<ApiRoute>): Promise<Response> => guarded(call, "signIn", `second factor ${call.request.headers.get("cookie") ?? ""}`);
  const ofSession = (call: ApiCall<(typeof AUTH_ROUTES)["changePassword"]> | ApiCall<(typeof AUTH_ROUTES)["totpEnable"]>): string => `account ${call.caller.account.id}`;

  /** An authenticator shows whose code it is. better-auth names the e-mail address, which not every account has. */
  const withName = async (call: ApiCall<(typeof AUTH_ROUTES)["totpEnable"]>): Promise<Response> => {
    const response = await guarded(call, "signIn", ofSession(call));
    if (!response.ok) return response;
    const { totpURI, ...rest } = (await response.json()) as { totpURI: string };
    const headers = new Headers(response.headers);
    headers.delete("content-length");
    return Response.json({ ...rest, totpURI: totpURI.replace(/^(otpauth:\/\/totp\/[^:?]*:)(?=\?)/, (issuer) => issuer + encodeURIComponent(call.caller.account.username)) }, { status: response.status, headers });
  };

  return {
    async signUp(call) {
      const { name, email, invitation } = call.body;
      const mode = (await identity()).signUp();
      if (mode === "closed") throw new GatewayError("signUpClosed");
      if (mode === "invitation" && !(await isInvited(db, keyHash(invitation ?? ""), email))) throw new GatewayError("invitationNeeded");
      const response = await guarded(call, "signUp", email);
      return response.ok ? { token: null, user: { name, email: email.toLowerCase(), emailVerified: false } } : response;
    },
    signInEmail: (call) => byPassword(call, call.body.email, call.body.password),
    signInName: (call) => byPassword(call, call.body.username, call.body.password),
    signInSocial: pass,
    callback: pass,
    signOut: pass,
    session: pass,
    sessions: pass,
    endSession: pass,
    endOtherSessions: pass,
    changePassword: (call) => guarded(call, "signIn", ofSession(call)),
    forgotPassword: (call) => guarded(call, "mail", call.body.email),
    resetLink: pass,
    resetPassword: (call) => guarded(call, "code", call.body.token),
    sendConfirmation: (call) => guarded(call, "mail", call.body.email),
    confirm: pass,
    changeEmail: (call) => guarded(call, "mail", `account ${call.caller.account.id}`),
    ways: pass,
    link: pass,
    unlink: pass,
    totpEnable: withName,
    totpDisable: (call) => guarded(call, "signIn", ofSession(call)),
    totpUri: withName,
    totpVerify: secondFactor,
    backupVerify: secondFactor,
    backupNew: (call) => guarded(call, "signIn", ofSession(call)),
    passkeyAdd: pass,
    passkeyAdded: pass,
    passkeyAsk: pass,
    passkeySignIn: (call) => guarded(call, "signIn", `passkey ${JSON.stringify(call.body.response["id"] ?? "")}`),
    passkeys: pass,
    async passkeyDelete(call) {
      if (!(await (await identity()).isFresh(call.request.headers))) throw new GatewayError("roleTooLow", { publicText: "Sign in again: this needs a session that is not older than an hour." });
      return pass(call);
    },
    passkeyRename: pass,
  };
}
