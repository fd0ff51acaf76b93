import type { ApiGroup, ApiRoute } from "@yescale/contract";
import type { z } from "zod";
import type { KeyRecord } from "../../accounts/key-record.ts";
import type { Db } from "../../store/database.ts";
import type { accountById } from "../../store/queries/accounts.ts";

/** The account that calls, as it stands in the database at this moment. */
export type Account = NonNullable<Awaited<ReturnType<typeof accountById>>>;

/** Whose word a request is. */
export interface Principal {
  account: Account;
  by: "access key" | "session";
  /** as it was sent; undefined for a session */
  accessKey: string | undefined;
}

/** What a route's `who` lets in. */
export type CallerOf<Route extends ApiRoute> = Route["who"] extends "anybody" ? undefined : Route["who"] extends "api key" ? KeyRecord : Principal;

/** What was changed, for the audit log. Personal data and secrets do not stand in it: name the member, not its value. */
export interface Change {
  /** such as `user.disable` */
  action: string;
  /** such as `user:7` */
  subject: string;
  before?: unknown;
  after?: unknown;
}

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** One request as its handler sees it: who it is from is known, and everything in it has been checked. */
export interface ApiCall<Route extends ApiRoute = ApiRoute> {
  caller: CallerOf<Route>;
  params: Parsed<Route["params"]>;
  query: Parsed<Route["query"]>;
  body: Parsed<Route["body"]>;
  /** the body as it came; empty where the route reads none */
  raw: Buffer;
  request: Request;
  requestId: string;
  /** the caller's IP address, trusted proxies seen through */
  address: () => string;
  /** Changes the database in one transaction, which keeps what `note` was told in the audit log. */
  change: <Result>(work: (tx: Db, note: (change: Change) => void) => Promise<Result>) => Promise<Result>;
}

/** Gives the answer's body, or a whole response where it is no JSON. Throws GatewayError. */
export type Handler<Route extends ApiRoute> = (call: ApiCall<Route>) => z.input<Route["answer"]> | Response | Promise<z.input<Route["answer"]> | Response>;

/** A handler for each route of a group, and for nothing else. */
export type Handlers<Group extends ApiGroup> = { readonly [Name in keyof Group]: Handler<Group[Name]> };
