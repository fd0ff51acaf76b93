import { describe, expect, test } from "bun:test";
import { keyHash } from "../../accounts/api-key.ts";
import { Authenticator } from "../../testing/authenticator.ts";
import { Browser } from "../../testing/browser.ts";
import { oidcProvider } from "../../testing/oidc-provider.ts";
import { smtpSink } from "../../testing/smtp-sink.ts";
import { eventually } from "../../testing/program.ts";
import { testGateway } from "../../testing/gateway.ts";

const PASSWORD = "correct horse 1";
const provider = await oidcProvider({ id: "yescale", secret: "a secret" });
const smtp = smtpSink();
const gateway = await testGateway((config) => {
  config.identity = { ...config.identity, signUp: "invitation", mail: { smtpUrl: smtp.url, from: "YEScale <gateway@example.com>" }, providers: [{ id: "oidc", clientId: "yescale", clientSecret: "a secret", issuer: provider.issuer }] };
});
const { url, db, newCaller } = gateway;
/** Pages are opened under the name that passkeys belong to. */
const page = url.replace("127.0.0.1", "localhost");

async function signedIn(username: string): Promise<Browser> {
  const browser = new Browser(page);
  expect((await browser.post("/api/auth/sign-in/username", { username, password: PASSWORD })).status).toBe(200);
  return browser;
}

describe("V22: passkeys", () => {
  type Options = { challenge: string; rp?: { id: string }; rpId?: string; user?: { id: string } };
  test("one is made in a session, signs in without a password, and is nobody else's", async () => {
    const [caller, other] = [await newCaller("0", { password: PASSWORD }), await newCaller("0", { password: PASSWORD })];
    const browser = await signedIn(caller.username);
    const key = new Authenticator(new URL(page).origin);
    expect((await new Browser(page).ask("/api/auth/passkey/generate-register-options")).status).toBe(401);
    const { body: options } = await browser.ask<Options>("/api/auth/passkey/generate-register-options?name=laptop");
    expect(options.rp?.id).toBe("localhost");
    const made = key.create(options);
    // Of another browser's question it is no answer.
    expect((await (await signedIn(other.username)).post("/api/auth/passkey/verify-registration", { response: made })).status).toBe(400);
    expect((await browser.post("/api/auth/passkey/verify-registration", { response: made, name: "laptop" })).status).toBe(200);

    const fresh = new Browser(page);
    const { body: asked } = await fresh.ask<Options>("/api/auth/passkey/generate-authenticate-options");
    const answer = key.get(asked);
    expect((await new Browser(page).post("/api/auth/passkey/verify-authentication", { response: answer })).status).toBe(400);
    const signed = await fresh.post("/api/auth/passkey/verify-authentication", { response: answer });
    expect([signed.status, JSON.stringify(signed.body)]).toEqual([200, expect.any(String) as string]);
    expect((await fresh.ask<{ data: { username: string } }>("/api/user/self")).body.data.username).toBe(caller.username);
    // Each question is answered once.
    expect((await fresh.post("/api/auth/passkey/verify-authentication", { response: answer })).status).toBe(400);

    // Another site's page gets a signature that is worth nothing here, and so does an unknown key.
    for (const wrong of [new Authenticator("https://evil.example"), new Authenticator(new URL(page).origin)]) {
      const tried = new Browser(page);
      const { body } = await tried.ask<Options>("/api/auth/passkey/generate-authenticate-options");
      expect([400, 401]).toContain((await tried.post("/api/auth/passkey/verify-authentication", { response: wrong.get(body) })).status);
    }
  });

  test("V09: nobody lists, renames or takes away another's, and an old session takes away none", async () => {
    const [caller, other] = [await newCaller("0", { password: PASSWORD }), await newCaller("0", { password: PASSWORD })];
    const browser = await signedIn(caller.username);
    const key = new Authenticator(new URL(page).origin);
    await browser.post("/api/auth/passkey/verify-registration", { response: key.create((await browser.ask<Options>("/api/auth/passkey/generate-register-options")).body) });
    const [listed] = (await browser.ask<{ id: string; name: string }[]>("/api/auth/passkey/list-user-passkeys")).body;
    const stranger = await signedIn(other.username);
    expect((await stranger.ask<object[]>("/api/auth/passkey/list-user-passkeys")).body).toEqual([]);
    for (const [path, body] of [["delete-passkey", { id: listed?.id }], ["update-passkey", { id: listed?.id, name: "mine" }]] as const) expect([401, 403, 404]).toContain((await stranger.post(`/api/auth/passkey/${path}`, body)).status);
    await db.updateTable("auth_sessions").set({ created_at: new Date(Date.now() - 2 * 3_600_000) }).where("user_id", "=", caller.userId).execute();
    expect((await browser.post("/api/auth/passkey/delete-passkey", { id: listed?.id })).status).toBe(403);
    // What is no id never reaches the database.
    for (const id of ["NaN", "x", "1.5", "-1", "1e3", "9".repeat(30), "", " "]) for (const [path, body] of [["delete-passkey", { id }], ["update-passkey", { id, name: "mine" }]] as const) expect([path, id, (await browser.post(`/api/auth/passkey/${path}`, body)).status]).toEqual([path, id, 400]);
    expect((await browser.ask("/api/auth/passkey/generate-register-options")).status).toBe(403);
    expect((await (await signedIn(caller.username)).post("/api/auth/passkey/delete-passkey", { id: listed?.id })).status).toBe(200);
  });
});

describe("sign-in by an OpenID Connect server", () => {
  /** Goes to the other server's page and back. */
  async function goThrough(browser: Browser, begun: { url: string }, change: (back: URL) => void = () => undefined): Promise<{ status: number; location: string }> {
    const sent = await fetch(begun.url, { redirect: "manual" });
    const back = new URL(sent.headers.get("location") ?? "");
    change(back);
    const { status, headers } = await browser.ask(`${page}${back.pathname}${back.search}`);
    return { status, location: headers.get("location") ?? "" };
  }
  const begin = async (browser: Browser, more: object = {}): Promise<{ url: string }> => (await browser.post<{ url: string }>("/api/auth/sign-in/social", { provider: "oidc", callbackURL: "/console", errorCallbackURL: "/sorry", ...more })).body;

  test("an account is made of an invitation, and found again", async () => {
    await db.insertInto("sign_up_invitations").values({ code_hash: keyHash("come-in"), invited_by: (await newCaller("0", { role: 10 })).userId, expires_at: new Date(Date.now() + 60_000) }).execute();
    provider.person = { sub: "s-1", email: "oidc@example.com", email_verified: true, name: "O. I. Dee" };
    const uninvited = new Browser(page);
    expect((await goThrough(uninvited, await begin(uninvited))).location).toStartWith("/sorry");
    expect(await db.selectFrom("users").select("id").where("email", "=", "oidc@example.com").execute()).toEqual([]);
    const browser = new Browser(page);
    expect((await goThrough(browser, await begin(browser, { additionalData: { invitation: "come-in" } }))).location).toBe("/console");
    const { data } = (await browser.ask<{ data: { display_name: string; quota: number } }>("/api/user/self")).body;
    expect(data).toMatchObject({ display_name: "O. I. Dee", quota: 500_000 });
    const again = new Browser(page);
    expect((await goThrough(again, await begin(again))).location).toBe("/console");
    expect(await db.selectFrom("users").select("id").where("email", "=", "oidc@example.com").execute()).toHaveLength(1);
    expect(JSON.stringify(await db.selectFrom("auth_accounts").selectAll().where("provider_id", "=", "oidc").execute())).not.toContain('"refresh_token":"');
  });

  test("V22: an account of somebody else's with a user's address opens nothing; a state is good once, and in the browser that began", async () => {
    const caller = await newCaller("0", { password: PASSWORD, email: "mine@example.com" });
    provider.person = { sub: "s-evil", email: "mine@example.com", email_verified: true, name: "Evil" };
    const evil = new Browser(page);
    expect((await goThrough(evil, await begin(evil))).location).toStartWith("/sorry");
    expect((await evil.ask("/api/user/self")).status).toBe(401);

    const begun = await begin(new Browser(page));
    const victim = await signedIn(caller.username);
    const crossed = await goThrough(victim, begun);
    expect(crossed.location).not.toBe("/console");
    expect((await victim.ask<{ data: { username: string } }>("/api/user/self")).body.data.username).toBe(caller.username);

    provider.person = { sub: "s-1", email: "oidc@example.com", email_verified: true, name: "O" };
    const browser = new Browser(page);
    const start = await begin(browser);
    const sent = new URL((await fetch(start.url, { redirect: "manual" })).headers.get("location") ?? "");
    expect((await browser.ask(`${page}${sent.pathname}${sent.search}`)).headers.get("location")).toBe("/console");
    expect((await browser.ask(`${page}${sent.pathname}${sent.search}`)).headers.get("location")).not.toBe("/console");
    expect((await goThrough(new Browser(page), await begin(new Browser(page)), (back) => back.searchParams.set("state", "forged"))).location).not.toBe("/console");
  });

  test("who is signed in links it, and signs in with it from then on", async () => {
    const caller = await newCaller("0", { password: PASSWORD, email: "linked@example.com" });
    const browser = await signedIn(caller.username);
    provider.person = { sub: "s-link", email: "linked@example.com", email_verified: true, name: "L" };
    const { body } = await browser.post<{ url: string }>("/api/auth/link-social", { provider: "oidc", callbackURL: "/console" });
    expect((await goThrough(browser, body)).location).toBe("/console");
    const other = new Browser(page);
    expect((await goThrough(other, await begin(other))).location).toBe("/console");
    expect((await other.ask<{ data: { username: string } }>("/api/user/self")).body.data.username).toBe(caller.username);
    const ways = (await browser.ask<{ id: string; providerId: string }[]>("/api/auth/list-accounts")).body;
    expect(ways.map(({ providerId }) => providerId).toSorted()).toEqual(["credential", "oidc"]);
    expect((await (await signedIn((await newCaller("0", { password: PASSWORD })).username)).post("/api/auth/unlink-account", { accountId: ways.find(({ providerId }) => providerId === "oidc")?.id })).status).toBe(400);
    expect((await browser.post("/api/auth/unlink-account", { accountId: ways.find(({ providerId }) => providerId === "oidc")?.id })).status).toBe(200);
    const after = new Browser(page);
    expect((await goThrough(after, await begin(after))).location).toStartWith("/sorry");
  });
});

test("mails go by SMTP where it is set up", async () => {
  await newCaller("0", { password: PASSWORD, email: "post@example.com" });
  await new Browser(page).post("/api/auth/request-password-reset", { email: "post@example.com", redirectTo: "/reset" });
  expect(await eventually(() => smtp.messages.length > 0)).toBe(true);
  const [mail] = smtp.messages;
  expect(mail).toMatchObject({ from: "gateway@example.com", to: ["post@example.com"] });
  expect(mail?.data).toContain("From: YEScale <gateway@example.com>");
  expect(mail?.data.replaceAll("=\r\n", "")).toContain(`${page}/api/auth/reset-password/`);
});
