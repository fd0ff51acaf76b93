import type { ApiRoute } from "@yescale/contract";
import { CREDENTIAL_LENGTH_MAX, keyHash } from "../../accounts/api-key.ts";
import type { KeyRecord } from "../../accounts/key-record.ts";
import type { KeyRing } from "../../accounts/key-ring.ts";
import type { AccessKeys } from "../../accounts/access-keys.ts";
import type { FailureThrottle } from "../../limits/failure-throttle.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Db } from "../../store/database.ts";
import { accountByAccessKey, accountById } from "../../store/queries/accounts.ts";
import { credentialOf } from "../http.ts";
import type { Account, Principal } from "./handler.ts";
import { fromOwnPages, namesPage } from "./same-origin.ts";

/** Roles of the family: what a number at least means. */
export const ROLES = { user: 1, operator: 10, owner: 100 } as const;
const LEAST_ROLE: Record<"access key" | "session" | "account" | "operator" | "owner", number> = { "access key": ROLES.user, session: ROLES.user, account: ROLES.user, operator: ROLES.operator, owner: ROLES.owner };
const ACTIVE = 1;

export interface CallerSources {
  db: Db;
  keys: KeyRing;
  accessKeys: AccessKeys;
  /** of those without a valid key */
  failures: FailureThrottle;
  /** the id of the account that a session of these headers belongs to */
  sessionOf: (headers: Headers) => Promise<string | undefined>;
  /** further origins whose pages are ours */
  pages: readonly string[];
}

/** Who calls a route, let in by its `who`. Throws GatewayError `accessKey`, `signIn`, `userDisabled`, `roleTooLow`, `otherSite`, or for API keys `missingKey`, `invalidKey`, `userDisabled`, `addressNotAllowed`. */
export async function callerOf(route: ApiRoute, request: Request, address: () => string, sources: CallerSources): Promise<KeyRecord | Principal | undefined> {
  if (route.who === "anybody") {
    // A browser signs in nobody at another site's wish. Who is no browser names no page.
    if (route.method !== "get" && namesPage(request) && !fromOwnPages(request, sources.pages)) throw new GatewayError("otherSite");
    return undefined;
  }
  if (route.who === "api key") return slowedDown(address, sources, async () => sources.keys.identify(credentialOf(request.headers.toJSON() as Record<string, string>, "", "bearer"), address));
  const principal = await slowedDown(address, sources, () => principalOf(route, request, address, sources));
  if (principal.account.status !== ACTIVE) throw new GatewayError("userDisabled");
  if (principal.account.role < LEAST_ROLE[route.who]) throw new GatewayError("roleTooLow");
  return principal;
}

/** Who tries too many credentials that are none is told to wait; a good one is never asked where it comes from. */
async function slowedDown<Caller>(address: () => string, { failures }: CallerSources, identify: () => Promise<Caller>): Promise<Caller> {
  try {
    return await identify();
  } catch (error) {
    const waitSeconds = error instanceof GatewayError && error.kind.status === 401 ? failures.failed(address()) : undefined;
    if (waitSeconds === undefined) throw error;
    throw new GatewayError("rateLimited", { publicText: "Too many requests without a valid credential came from this address.", retryAfterSeconds: waitSeconds });
  }
}

async function principalOf(route: ApiRoute, request: Request, address: () => string, sources: CallerSources): Promise<Principal> {
  const { db, sessionOf, pages } = sources;
  const sent = request.headers.get("authorization");
  // Who sends a credential is judged by it alone, whatever cookies come along.
  if (sent !== null && route.who !== "session") {
    const account = await byAccessKey(sources, sent, address);
    if (account) return account;
    throw new GatewayError("accessKey");
  }
  if (route.who === "access key") throw new GatewayError("accessKey");
  const id = await sessionOf(request.headers);
  const account = id === undefined ? undefined : await accountById(db, id);
  if (!account) throw new GatewayError("signIn");
  if ((route.method !== "get" || route.changes) && !fromOwnPages(request, pages)) throw new GatewayError("otherSite");
  return { account, by: "session", accessKey: undefined };
}

/** `Bearer` may be missing. An API key is no access key: it is not even looked up. Found by its digest, so how long a comparison takes tells nothing of the key. */
async function byAccessKey({ db, accessKeys, failures }: CallerSources, sent: string, address: () => string): Promise<Principal | undefined> {
  const accessKey = sent.trim().replace(/^bearer +/i, "");
  if (accessKey === "" || accessKey.length > CREDENTIAL_LENGTH_MAX || accessKey.startsWith("sk-")) return undefined;
  const digest = keyHash(accessKey);
  // A flood of wrong ones does not reach the database; a good one from the same address does.
  if (!accessKeys.knows(digest) && failures.over(address()) !== undefined) return undefined;
  const account: Account | undefined = await accountByAccessKey(db, digest);
  return account && { account, by: "access key", accessKey };
}
