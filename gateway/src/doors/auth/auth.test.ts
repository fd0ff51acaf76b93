import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createHmac } from "node:crypto";
import { describe, expect, test } from "bun:test";
import { keyHash } from "../../accounts/api-key.ts";
import { hashPassword } from "../../identity/passwords.ts";
import { setPassword, passwordOf } from "../../store/queries/identity.ts";
import { setUserStatus } from "../../store/queries/accounts.ts";
import { Browser } from "../../testing/browser.ts";
import { eventually } from "../../testing/program.ts";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway((config) => {
  config.identity = { ...config.identity, signUp: "open", startingCreditUsd: "1" };
});
const { db, newCaller, url } = gateway;
const PASSWORD = "correct horse 1";
const WRONG = "wrong horse 22";

/** Mails that were sent, oldest first. */
function mails(): { to: string; subject: string; text: string }[] {
  const folder = join(gateway.dataDir, "mail");
  try {
    return readdirSync(folder).toSorted().map((name) => {
      const text = readFileSync(join(folder, name), "utf8").replaceAll("=\n", "").replaceAll("=3D", "=");
      return { to: /^To: (.*)$/m.exec(text)?.[1] ?? "", subject: /^Subject: (.*)$/m.exec(text)?.[1] ?? "", text };
    });
  } catch {
    return [];
  }
}
async function mailTo(address: string, subject: string): Promise<string> {
  const found = (): string | undefined => mails().findLast((mail) => mail.to === address && mail.subject.includes(subject))?.text;
  expect(await eventually(() => found() !== undefined), `a mail "${subject}" to ${address}`).toBe(true);
  return found() ?? "";
}
const linkIn = (text: string): string => (/https?:\/\/\S+/.exec(text)?.[0] ?? "").replace(/^https?:\/\/[^/]+/, url);

/** A browser that is signed in, by user name. */
async function signedIn(username: string, password = PASSWORD): Promise<Browser> {
  const browser = new Browser(url);
  const { status, body } = await browser.post("/api/auth/sign-in/username", { username, password });
  expect([status, JSON.stringify(body)]).toEqual([200, expect.any(String) as string]);
  return browser;
}
const balance = async (userId: string): Promise<string | undefined> => (await db.selectFrom("budgets").select("balance_nano").where("kind", "=", "wallet").where("owner_id", "=", userId).executeTakeFirst())?.balance_nano;

describe("sign-up", () => {
  test("open: confirm by mail, then sign in; the starting credit comes once, through the ledger", async () => {
    const browser = new Browser(url);
    const made = await browser.post("/api/auth/sign-up/email", { name: "Ann", email: "Ann.One+tag@example.com", password: PASSWORD });
    expect([made.status, made.body["token"]]).toEqual([200, null]);
    const user = await db.selectFrom("users").selectAll().where("email", "=", "ann.one+tag@example.com").executeTakeFirstOrThrow();
    expect(user).toMatchObject({ display_name: "Ann", role: 1, status: 1, email_verified: false, access_key_hash: null });
    expect(user.username).toMatch(/^ann\.onetag-[a-z2-9]{6}$|^ann.one.*$/);
    expect(await balance(user.id)).toBe("0");
    expect((await browser.post("/api/auth/sign-in/email", { email: "ann.one+tag@example.com", password: PASSWORD })).status).toBe(403);
    const link = linkIn(await mailTo("ann.one+tag@example.com", "confirm"));
    expect((await browser.ask(link)).status).toBe(302);
    expect(await balance(user.id)).toBe("1000000000");
    await browser.ask(link);
    expect(await balance(user.id)).toBe("1000000000");
    expect((await browser.post("/api/auth/sign-in/email", { email: "ANN.one+tag@example.com", password: PASSWORD })).status).toBe(200);
    const { body } = await browser.ask<{ user: { email: string }; session: object }>("/api/auth/get-session");
    expect(body.user.email).toBe("ann.one+tag@example.com");
    expect((await browser.ask<{ data: { username: string } }>("/api/user/self")).body.data.username).toBe(user.username);
    expect(await gateway.checkMoney()).toMatchObject({ wrongBalances: [], totalNano: "0" });
  });

  test("V19: what is kept of a password is argon2id, and opens nothing", async () => {
    const stored = await db.selectFrom("auth_accounts").select("password").where("password", "is not", null).execute();
    expect(stored.length).toBeGreaterThan(0);
    for (const { password } of stored) {
      expect(password).toStartWith("$argon2id$v=19$m=65536,t=2,p=1$");
      expect((await new Browser(url).post("/api/auth/sign-in/email", { email: "ann.one+tag@example.com", password: password ?? "" })).status).toBe(401);
    }
  });

  test("V35: an address that has an account gets the same answer as one that has none, and a mail that tells", async () => {
    const [fresh, taken] = [await new Browser(url).post("/api/auth/sign-up/email", { name: "N", email: "new@example.com", password: PASSWORD }), await new Browser(url).post("/api/auth/sign-up/email", { name: "N", email: "ann.one+tag@example.com", password: WRONG })];
    expect(taken.status).toBe(fresh.status);
    const shape = (value: unknown): unknown => (typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shape(member)])) : typeof value);
    expect(shape(taken.body)).toEqual(shape(fresh.body));
    await mailTo("ann.one+tag@example.com", "already");
    expect((await new Browser(url).post("/api/auth/sign-in/email", { email: "ann.one+tag@example.com", password: WRONG })).status).toBe(401);
  });

  test("V38: the same mailbox written otherwise gets no second credit, nor does a second account of one network", async () => {
    for (const [email, i] of [["a.n.n+x@gmail.com", 1], ["ann@googlemail.com", 2], ["ANN+y@gmail.com", 3], ["other@example.org", 4]] as const) {
      await new Browser(url).post("/api/auth/sign-up/email", { name: "x", email, password: PASSWORD });
      await new Browser(url).ask(linkIn(await mailTo(email.toLowerCase(), "confirm")));
      expect(await balance((await db.selectFrom("users").select("id").where("email", "=", email.toLowerCase()).executeTakeFirstOrThrow()).id), `${email} ${i}`).toBe("0");
    }
    expect(await db.selectFrom("starting_credits").selectAll().execute()).toHaveLength(1);
    // A day later, the network counts no more, the mailbox does.
    await db.updateTable("starting_credits").set({ at: new Date(Date.now() - 25 * 3_600_000) }).execute();
    await new Browser(url).post("/api/auth/sign-up/email", { name: "x", email: "fifth@example.org", password: PASSWORD });
    await new Browser(url).ask(linkIn(await mailTo("fifth@example.org", "confirm")));
    expect(await balance((await db.selectFrom("users").select("id").where("email", "=", "fifth@example.org").executeTakeFirstOrThrow()).id)).toBe("1000000000");
    await new Browser(url).post("/api/auth/sign-up/email", { name: "x", email: "fifth+again@example.org", password: PASSWORD });
    await db.updateTable("starting_credits").set({ at: new Date(Date.now() - 25 * 3_600_000) }).execute();
    await new Browser(url).ask(linkIn(await mailTo("fifth+again@example.org", "confirm")));
    expect(await db.selectFrom("starting_credits").selectAll().execute()).toHaveLength(2);
  });

  test("V11: nothing but name, address, password and code can be said of a new account", async () => {
    for (const more of [{ role: 100 }, { status: 1 }, { username: "owner2" }, { emailVerified: true }, { email_verified: true }, { id: 1 }, { image: "x" }, { balance_nano: 5 }, { twoFactorEnabled: true }])
      expect((await new Browser(url).post("/api/auth/sign-up/email", { name: "x", email: "mass@example.com", password: PASSWORD, ...more })).status, JSON.stringify(more)).toBe(400);
    expect(await db.selectFrom("users").selectAll().where("email", "=", "mass@example.com").execute()).toEqual([]);
    for (const password of ["short", "", "x".repeat(129)]) expect((await new Browser(url).post("/api/auth/sign-up/email", { name: "x", email: "mass@example.com", password })).status).toBe(400);
    for (const email of ["nobody", "a@", "@b.c", "a b@c.d", `${"x".repeat(250)}@c.de`]) expect((await new Browser(url).post("/api/auth/sign-up/email", { name: "x", email, password: PASSWORD })).status).toBe(400);
  });
});

describe("sign-in and sessions", () => {
  test("by user name; a session reads and changes at our own routes, ends, and lists", async () => {
    const caller = await newCaller("3", { password: PASSWORD });
    const browser = await signedIn(caller.username);
    expect((await browser.ask<{ data: { quota: number } }>("/api/user/self")).body.data.quota).toBe(1_500_000);
    expect((await browser.post("/api/token", { name: "from the console" })).status).toBe(200);
    // The System API is for the access key.
    expect((await browser.ask("/yescale/user")).status).toBe(401);
    const other = await signedIn(caller.username);
    expect((await browser.ask<object[]>("/api/auth/list-sessions")).body).toHaveLength(2);
    expect((await browser.post("/api/auth/revoke-other-sessions")).status).toBe(200);
    expect((await other.ask("/api/user/self")).status).toBe(401);
    const kept = browser.cookie;
    expect((await browser.post("/api/auth/sign-out")).status).toBe(200);
    expect((await browser.ask("/api/user/self", { headers: { cookie: kept } })).status).toBe(401);
  });

  test("the cookie is for the browser only; a forged or a foreign one is nobody", async () => {
    const caller = await newCaller("0", { password: PASSWORD });
    const response = await fetch(`${url}/api/auth/sign-in/username`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ username: caller.username, password: PASSWORD }) });
    const [cookie = ""] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^yescale\.session_token=/);
    for (const attribute of ["HttpOnly", "SameSite=Lax", "Path=/"]) expect(cookie).toContain(attribute);
    const value = cookie.split(";")[0] ?? "";
    expect((await fetch(`${url}/api/user/self`, { headers: { cookie: value } })).status).toBe(200);
    const token = decodeURIComponent(value.split("=")[1] ?? "").split(".")[0] ?? "";
    for (const forged of [token, `${token}.`, `${token}.${createHmac("sha256", "guess").update(token).digest("base64")}`, `${value.slice("yescale.session_token=".length, -3)}AAA`, "", "x".repeat(5_000)])
      expect((await fetch(`${url}/api/user/self`, { headers: { cookie: `yescale.session_token=${forged}` } })).status, forged.slice(0, 60)).toBe(401);
  });

  test("V22: another site's page changes nothing in a session's name, and signs nobody in", async () => {
    const caller = await newCaller("0", { password: PASSWORD });
    const browser = await signedIn(caller.username);
    for (const headers of [{ origin: "https://evil.example", "sec-fetch-site": "cross-site" }, { origin: "null", "sec-fetch-site": "cross-site" }, { origin: "https://evil.example", "sec-fetch-site": "" }] as Record<string, string>[]) {
      const asked = { method: "POST", headers: { ...headers, cookie: browser.cookie, "content-type": "application/json" } };
      expect((await fetch(`${url}/api/token`, { ...asked, body: '{"name":"x"}' })).status).toBe(403);
      expect((await fetch(`${url}/api/auth/change-password`, { ...asked, body: JSON.stringify({ currentPassword: PASSWORD, newPassword: WRONG }) })).status).toBe(403);
      expect((await fetch(`${url}/api/auth/sign-in/username`, { ...asked, body: JSON.stringify({ username: caller.username, password: PASSWORD }) })).status).toBe(403);
      expect((await fetch(`${url}/api/user/token`, { headers: { ...headers, cookie: browser.cookie } })).status).toBe(403);
    }
    // A form of plain text is no way around it either.
    expect((await fetch(`${url}/api/token`, { method: "POST", headers: { cookie: browser.cookie, "content-type": "text/plain" }, body: '{"name":"x"}' })).status).toBe(403);
    expect((await browser.ask<{ data: { total: number } }>("/api/token")).body.data.total).toBe(1);
  });

  test("a disabled account's session ends at the next request", async () => {
    const caller = await newCaller("0", { password: PASSWORD });
    const browser = await signedIn(caller.username);
    await setUserStatus(db, caller.userId, 2);
    expect((await browser.ask("/api/user/self")).status).toBe(403);
    expect((await browser.ask("/api/auth/list-sessions")).status).toBe(403);
  });

  test("a password is changed with the old one only; a weaker hash is made anew at the next sign-in", async () => {
    const caller = await newCaller("0", { password: PASSWORD });
    const browser = await signedIn(caller.username);
    expect((await browser.post("/api/auth/change-password", { currentPassword: WRONG, newPassword: "another one 3" })).status).toBe(400);
    expect((await browser.post("/api/auth/change-password", { currentPassword: PASSWORD, newPassword: "another one 3", revokeOtherSessions: true })).status).toBe(200);
    await signedIn(caller.username, "another one 3");
    await setPassword(db, caller.userId, await Bun.password.hash(PASSWORD, { algorithm: "argon2id", memoryCost: 8_192, timeCost: 1 }));
    await signedIn(caller.username);
    expect(await eventually(async () => ((await passwordOf(db, caller.userId)) ?? "").startsWith("$argon2id$v=19$m=65536,t=2,p=1$"))).toBe(true);
    await signedIn(caller.username);
  });

  test("a forgotten password: a link by mail, good once, ends all sessions; an unknown address gets the same answer", async () => {
    const caller = await newCaller("0", { password: PASSWORD, email: "forgets@example.com" });
    const browser = await signedIn(caller.username);
    const [known, unknown] = [await new Browser(url).post("/api/auth/request-password-reset", { email: "forgets@example.com", redirectTo: "/reset" }), await new Browser(url).post("/api/auth/request-password-reset", { email: "nobody@example.com", redirectTo: "/reset" })];
    expect([unknown.status, unknown.body]).toEqual([known.status, known.body]);
    const link = linkIn(await mailTo("forgets@example.com", "new password"));
    const landed = await new Browser(url).ask(link);
    expect(landed.status).toBe(302);
    const token = new URL(landed.headers.get("location") ?? "", url).searchParams.get("token") ?? "";
    expect((await new Browser(url).post("/api/auth/reset-password", { newPassword: "brand new 44", token })).status).toBe(200);
    expect((await new Browser(url).post("/api/auth/reset-password", { newPassword: "brand new 55", token })).status).toBe(400);
    expect((await browser.ask("/api/user/self")).status).toBe(401);
    await signedIn(caller.username, "brand new 44");
    await mailTo("forgets@example.com", "was changed");
    // A page elsewhere is no page to go on to.
    expect((await new Browser(url).post("/api/auth/request-password-reset", { email: "forgets@example.com", redirectTo: "https://evil.example/" })).status).toBe(400);
    for (const redirectTo of ["//evil.example", "/\\evil.example", "javascript:alert(1)", "evil"]) expect((await new Browser(url).post("/api/auth/request-password-reset", { email: "forgets@example.com", redirectTo })).status).toBe(400);
    expect((await new Browser(url).ask(`/api/auth/reset-password/${token}?callbackURL=https%3A%2F%2Fevil.example`)).status).toBe(400);
  });
});

describe("V35: guesses", () => {
  test("are stopped per account and address after some; the right password waits as well, and others go on", async () => {
    const [caller, other] = [await newCaller("0", { password: PASSWORD }), await newCaller("0", { password: PASSWORD })];
    const tried = (username: string, password: string) => new Browser(url).post("/api/auth/sign-in/username", { username, password });
    const statuses: number[] = [];
    for (let i = 0; i < 14; i += 1) statuses.push((await tried(caller.username, `${WRONG}${i}`)).status);
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
    expect(statuses.slice(10)).toEqual([429, 429, 429, 429]);
    const late = await tried(caller.username, PASSWORD);
    expect([late.status, late.body["code"]]).toEqual([429, "rate_limit_exceeded"]);
    expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await tried(other.username, PASSWORD)).status).toBe(200);
    await db.deleteFrom("guesses").execute();
    expect((await tried(caller.username, PASSWORD)).status).toBe(200);
  });

  test("50 at once are counted each", async () => {
    const caller = await newCaller("0", { password: PASSWORD });
    await db.deleteFrom("guesses").execute();
    const statuses = await Promise.all(Array.from({ length: 50 }, (_, i) => new Browser(url).post("/api/auth/sign-in/username", { username: caller.username, password: `${WRONG}${i}` }).then(({ status }) => status)));
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40);
    await db.deleteFrom("guesses").execute();
  });

  test("an account that is not there answers as one that is, in words and in time", async () => {
    const caller = await newCaller("0", { password: PASSWORD });
    const without = await newCaller("0");
    const times: Record<string, number[]> = {};
    for (const username of [caller.username, "no-such-account", without.username]) {
      for (let i = 0; i < 5; i += 1) {
        const startedAt = performance.now();
        const { status, body } = await new Browser(url).post("/api/auth/sign-in/username", { username, password: WRONG });
        (times[username] ??= []).push(performance.now() - startedAt);
        expect([status, body["code"]], username).toEqual([401, "INVALID_USERNAME_OR_PASSWORD"]);
      }
    }
    for (const taken of Object.values(times)) expect(Math.min(...taken)).toBeGreaterThan(390);
    await db.deleteFrom("guesses").execute();
  });
});

/** The code of a secret at this moment (RFC 6238), made here and not by the library that checks it. */
function totp(uri: string): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = Array.from(new URL(uri).searchParams.get("secret") ?? "").map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac("sha1", secret).update(counter).digest();
  const offset = (digest[19] ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

describe("V22: the second factor", () => {
  test("is asked for after the password, cannot be passed by, and is taken away with the password only", async () => {
    const caller = await newCaller("0", { password: PASSWORD });
    const browser = await signedIn(caller.username);
    expect((await browser.post("/api/auth/two-factor/enable", { password: WRONG })).status).toBe(400);
    const { body: begun } = await browser.post<{ totpURI: string; backupCodes: string[] }>("/api/auth/two-factor/enable", { password: PASSWORD });
    // An authenticator shows whose it is, though the account has no address.
    expect(decodeURIComponent(new URL(begun.totpURI).pathname)).toMatch(new RegExp(`:${caller.username}$`));
    // Not yet in force: who mistypes the secret is not locked out.
    await signedIn(caller.username);
    expect((await browser.post("/api/auth/two-factor/verify-totp", { code: "000000" })).status).toBe(401);
    expect((await browser.post("/api/auth/two-factor/verify-totp", { code: totp(begun.totpURI) })).status).toBe(200);

    const again = new Browser(url);
    const first = await again.post("/api/auth/sign-in/username", { username: caller.username, password: PASSWORD });
    expect([first.status, first.body["twoFactorRedirect"]]).toEqual([200, true]);
    expect((await again.ask("/api/user/self")).status).toBe(401);
    expect((await again.ask("/api/auth/get-session")).body as unknown).toBeNull();
    expect((await again.post("/api/auth/two-factor/verify-totp", { code: "000000" })).status).toBe(401);
    expect((await new Browser(url).post("/api/auth/two-factor/verify-totp", { code: totp(begun.totpURI) })).status).toBe(401);
    expect((await again.post("/api/auth/two-factor/verify-totp", { code: totp(begun.totpURI) })).status).toBe(200);
    expect((await again.ask("/api/user/self")).status).toBe(200);

    const lost = new Browser(url);
    await lost.post("/api/auth/sign-in/username", { username: caller.username, password: PASSWORD });
    const [code = ""] = begun.backupCodes;
    expect((await lost.post("/api/auth/two-factor/verify-backup-code", { code })).status).toBe(200);
    const twice = new Browser(url);
    await twice.post("/api/auth/sign-in/username", { username: caller.username, password: PASSWORD });
    expect((await twice.post("/api/auth/two-factor/verify-backup-code", { code })).status).toBe(401);

    expect((await again.post("/api/auth/two-factor/disable", { password: WRONG })).status).toBe(400);
    expect((await again.post("/api/auth/two-factor/disable", { password: PASSWORD })).status).toBe(200);
    await signedIn(caller.username);
    const stored = JSON.stringify(await db.selectFrom("auth_two_factors").selectAll().execute());
    expect(stored).not.toContain(code);
  });
});

describe("invitations", () => {
  test("closed lets nobody in; an invitation lets in one, for its address", async () => {
    const closed = await testGateway();
    const operator = await closed.newCaller("0", { role: 10 });
    const signUp = (email: string, more: object = {}) => new Browser(closed.url).post("/api/auth/sign-up/email", { name: "x", email, password: PASSWORD, ...more });
    expect(await signUp("a@example.com")).toMatchObject({ status: 403, body: { code: "sign_up_closed" } });
    expect(await closed.db.selectFrom("users").selectAll().where("email", "=", "a@example.com").execute()).toEqual([]);

    const inviting = await testGateway((config) => {
      config.identity = { ...config.identity, signUp: "invitation" };
    });
    const host = await inviting.newCaller("0", { role: 10 });
    const invite = (code: string, email: string, expires = Date.now() + 60_000) =>
      inviting.db.insertInto("sign_up_invitations").values({ code_hash: keyHash(code), email, invited_by: host.userId, expires_at: new Date(expires) }).execute();
    await invite("for-anyone", "");
    await invite("for-bea", "Bea@example.com");
    await invite("too-late", "", Date.now() - 1_000);
    const join = async (email: string, invitation?: string): Promise<boolean> => {
      await new Browser(inviting.url).post("/api/auth/sign-up/email", { name: "x", email, password: PASSWORD, ...(invitation === undefined ? {} : { invitation }) });
      return (await inviting.db.selectFrom("users").selectAll().where("email", "=", email).execute()).length === 1;
    };
    expect([await join("c@example.com"), await join("c@example.com", "wrong"), await join("c@example.com", "too-late"), await join("c@example.com", "for-bea")]).toEqual([false, false, false, false]);
    expect(await join("c@example.com", "for-anyone")).toBe(true);
    expect(await join("d@example.com", "for-anyone")).toBe(false);
    // Who has the code that was sent to an address has the address.
    expect(await join("bea@example.com", "for-bea")).toBe(true);
    expect((await new Browser(inviting.url).post("/api/auth/sign-in/email", { email: "bea@example.com", password: PASSWORD })).status).toBe(200);
    expect((await inviting.db.selectFrom("sign_up_invitations").select(["email", "used_by"]).where("used_by", "is not", null).execute()).length).toBe(2);
    expect(operator.userId).toBeTruthy();
  });
});

test("V20: the first start's owner signs in with the password that was shown, and nobody with one that is the same everywhere", async () => {
  const caller = await newCaller("0", { role: 100 });
  for (const password of ["123456", "admin", "password", "root", "owner", "changeme", ""]) {
    const { status } = await new Browser(url).post("/api/auth/sign-in/username", { username: caller.username, password });
    expect([400, 401]).toContain(status);
  }
  await setPassword(db, caller.userId, await hashPassword(PASSWORD));
  const browser = await signedIn(caller.username);
  expect((await browser.ask("/api/admin/audit")).status).toBe(200);
});
