/**
 * One documented request and what the documentation promises of its answer. A table of these is the whole documented surface (all.ts); `run.ts` sends them, to a gateway in a test's own process or to any that runs (`npm run pages`).
 */
import { z } from "zod";

/** What a link must lead to. */
export type MediaKind = "picture" | "vector" | "film" | "sound";

/** What the caller reads of a task at the door it came in by. */
export interface Ended {
  /** the name of the page of the fetch, with its number; several are parted by a comma */
  page?: string;
  /** address of the family's own fetch, as documented; GET */
  fetch: string;
  /** how it ends; SUCCESS where nothing stands here */
  state?: "SUCCESS" | "FAILURE";
  /** the whole answer while the task runs: asked for at once, so the order must say that its vendor takes its time */
  running?: z.ZodType;
  /** the whole answer once the task has ended: members that are not here are a fault */
  answer: z.ZodType;
  /** links in that answer, by their place (`data.images[].url`), and what they lead to */
  media?: Readonly<Record<string, MediaKind>>;
  /** where the submit's answer has the task's id */
  id: string;
}

export interface Page {
  /** the page's name, with its number in the table of contents where it has one; one page may have several requests */
  page: string;
  /** name by which others refer to the answer: `{grid.result}`; they wait for it, and for the end of its task */
  name?: string;
  /** names that it waits for beside those that its request refers to */
  after?: readonly string[];
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** which credential is sent, as a Bearer token unless `headers` carry it; the API key where nothing stands here */
  as?: "access key" | "nobody";
  json?: unknown;
  /** parts of a form; `@picture`, `@mask` and `@sound` are files */
  form?: Readonly<Record<string, string | readonly string[]>>;
  /** `example`: the body is the one that the page shows; `fields`: built of the fields that the page lists */
  from: "example" | "fields";
  /** 200 where nothing stands here */
  status?: number;
  /** of the answer: JSON, the events of a stream in one list, or a file */
  answer: z.ZodType | MediaKind;
  /** the answer is text, not JSON: what must be in it */
  text?: RegExp;
  /** links in the answer itself */
  media?: Readonly<Record<string, MediaKind>>;
  ended?: Ended;
  /** the same order in the words of `POST /task/quote`: the charge must be its price */
  quote?: Readonly<Record<string, unknown>>;
  /** `free`: no charge; `usage`: what the answer's own usage comes to, so only that there is one; with `quote` its price */
  charge?: "free" | "usage" | "at most the quote";
}

/** Shapes that many pages share. */
export const text = z.string();
export const some = z.string().min(1);
export const link = z.url({ protocol: /^https?$/ });
export const seconds = z.int().min(1_600_000_000).max(9_999_999_999);
export const millis = z.int().min(1_600_000_000_000);
export const iso = z.iso.datetime();
export const uuid = z.uuid();
export const digits = z.string().regex(/^\d{10,}$/);
export const exact = z.strictObject;
export const open = z.looseObject;
/** A page of a model that its vendor took away: it is told what to use instead, and costs nothing. */
export const retired = (page: string, path: string, json: object, answer: z.ZodType = exact({ error: exact({ message: z.string().regex(/Use "[^"]+" instead/), type: some, param: z.literal("model"), code: z.literal("model_not_found") }) })): Page => ({ page, method: "POST", path, from: "fields", json, status: 404, answer, charge: "free" });

/** A result as `/task` lists it. */
const made = z.array(exact({ url: link, duration: z.union([z.number(), text]).optional(), content_type: text.optional() })).min(1);
const RESULTS = { videos: made, images: made, audio: made, text: some, buttons: z.array(open({})).min(1) };
const ended = (task_result: z.ZodType) => exact({ task_id: some, status: z.literal("SUCCESS"), progress: z.literal("100%"), submit_time: seconds, finish_time: seconds, message: z.string().regex(/^YEScale - .+ - .+ - Task Result$/), task_result });

/** `GET /task/{task_id}` of a task that succeeded (page 123), whatever it made. */
export const anyTask = ended(exact(RESULTS).partial().extend({ url: link.optional() }));
/** The same with exactly these results. */
export const taskOf = (...members: (keyof typeof RESULTS)[]) => ended(exact({ ...Object.fromEntries(members.map((name) => [name, RESULTS[name]])), ...(members.some((name) => name !== "text" && name !== "buttons") ? { url: link } : {}) }));
/** A task that failed: no results, but the reason. */
export const failedTask = exact({ task_id: some, status: z.literal("FAILURE"), progress: z.literal("100%"), err_reason: some, submit_time: seconds, finish_time: seconds, message: z.string().regex(/^YEScale - .+ - .+ - Task Result$/), task_result: exact({}) });
