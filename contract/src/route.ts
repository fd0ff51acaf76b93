import type { z } from "zod";

/**
 * Who may call an address of the management APIs. `access key`: the account's access key and nothing else; `session`: a signed-in session and nothing else; `account`: the access key or a signed-in session;
 * `operator` and `owner`: the same of an account with at least that role; `api key`: an `sk-` key, even one that has expired or is used up, since what it asks for is about itself.
 */
export type ApiWho = "anybody" | "api key" | "access key" | "session" | "account" | "operator" | "owner";

/** In whose words an address refuses: `system`: `{success: false, message}`; `openai`: `{error: {message, type, param, code}}`; `auth`: `{code, message}`, as better-auth's clients read it. */
export type ApiWords = "system" | "openai" | "auth";

/**
 * One address of the management APIs: the description (`/openapi.json`), the rules (who, how large a body) and the checks of what comes in are all made from it, and its handler is typed by it.
 */
export interface ApiRoute {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** as OpenAPI writes it, `{id}` where a value stands */
  path: string;
  /** further spellings of the same address */
  also?: readonly string[];
  summary: string;
  who: ApiWho;
  words: ApiWords;
  /** what stands in the path; values are text before they are checked */
  params?: z.ZodObject;
  query?: z.ZodObject;
  /** a JSON body; none is read where none stands here */
  body?: z.ZodType;
  /** the body is a file: of what types */
  upload?: readonly string[];
  /** a GET that changes something all the same: a session must prove where it comes from */
  changes?: true;
  /** the body of a good answer */
  answer: z.ZodType;
  /** the same answer in other content types */
  otherAnswers?: Readonly<Record<string, z.ZodType>>;
  /** refusals that no other address has */
  refusals?: Readonly<Record<number, string>>;
  /** answers of other statuses with a body of their own, or none; also beside a refusal of the same status */
  further?: Readonly<Record<number, { why: string; body?: z.ZodType }>>;
}

/** Writes a route down with its exact types, which its handler follows. */
export const route = <const Route extends ApiRoute>(about: Route): Route => about;

/** Routes by name: one group of addresses with one purpose. */
export type ApiGroup = Readonly<Record<string, ApiRoute>>;
