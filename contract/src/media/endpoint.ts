import { z } from "zod";
import { wholeNumber } from "../fields.ts";

/** A request that works as it stands where all vendors are simulated; a test sends it and holds the answer to the description. `{film.task_id}` is a member of the answer to the example named `film`; the document shows an id of the family there. */
export interface MediaExample {
  /** by which later ones refer to its answer */
  name?: string;
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  /** parts of a form; `@picture` is a file */
  form?: Readonly<Record<string, string>>;
  /** of the answer; 200 where nothing stands here */
  status?: number;
}

/** What comes beside the usual answer, or in its place: JSON, another type, or nothing. */
export interface OtherAnswer {
  why: string;
  body?: z.ZodType;
  /** content type; JSON where nothing stands here */
  type?: string;
}

/** One address of slow work. A body in a vendor's words is open: the members that are looked at stand in it, others go on. */
export interface MediaEndpoint {
  method: "get" | "post" | "put" | "delete";
  /** all spellings, as OpenAPI writes them */
  paths: readonly string[];
  summary: string;
  /** it costs money */
  priced?: true;
  /** it asks for no key: what stands in its path is a secret */
  open?: true;
  query?: z.ZodObject;
  body?: z.ZodType;
  form?: z.ZodType;
  /** of a 200 */
  answer?: z.ZodType;
  further?: Readonly<Record<number, OtherAnswer>>;
  example?: MediaExample;
}

/** The addresses of one vendor's words, or of our own. */
export interface MediaDoc {
  /** as in the gateway's list of families */
  id: string;
  /** what an id of a task looks like */
  shownId: string;
  /** an error in the family's form */
  error: z.ZodType;
  /** schemas that several addresses share, by the name that the document has for them */
  shared?: Readonly<Record<string, z.ZodType>>;
  endpoints: readonly MediaEndpoint[];
}

/** What stands in an example, with `of` in the place of each reference; a text that is nothing but a reference takes the value as it is. */
export const withReferences = <Value>(value: Value, of: (reference: string) => unknown): Value =>
  JSON.parse(JSON.stringify(value), (_name, member: unknown) => {
    if (typeof member !== "string") return member;
    const whole = /^\{([\w.]+)\}$/.exec(member)?.[1];
    return whole === undefined ? member.replaceAll(/\{([\w.]+)\}/g, (_, reference: string) => String(of(reference))) : of(whole);
  }) as Value;

export const text = z.string();
export const flag = z.boolean();
export const number = z.number();
export const open = z.looseObject({});
/** Of addresses that stop tasks: nobody can stop this one. `error` is the family's. */
export const goesOn = (error: z.ZodType): Readonly<Record<409, OtherAnswer>> => ({ 409: { why: "it cannot be stopped where it is made, and goes on", body: error } });
/** Longest text of a prompt, as most doors have it. */
export const prompt = (most: number) => z.string().min(1).max(most);
export const picture = text.describe("an http address or a data: URI of a picture");
export const notify = { notify_hook: text.max(2_000).optional().describe("a public https address that is told when the task has ended; also as notifyHook, callback_url or webhook") };
/** Numbers that clients also write as texts: `5`, `"5"`, `"5s"`. */
export const loose = z.union([z.number(), z.string()]);
/** The smallest picture, for examples. */
export const PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
/** Another: Midjourney refuses the same one twice. */
export const OTHER_PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNQcDgAAAGkASH3FkXwAAAAAElFTkSuQmCC";
/** The smallest film, a second long. */
export const SHORT_FILM = "data:video/mp4;base64,AAAAIGZ0eXBpc29tAAACAGlzb21pc28yYXZjMW1wNDEAAALJbW9vdgAAAGxtdmhkAAAAAAAAAAAAAAAAAAAD6AAAA+gAAQAAAQAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgAAAlV0cmFrAAAAXHRraGQAAAADAAAAAAAAAAAAAAABAAAAAAAAA+gAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAABAAAAAAEAAAABAAAAAAAHxbWRpYQAAACBtZGhkAAAAAAAAAAAAAAAAAAAwAAAAMABVxAAAAAAALWhkbHIAAAAAAAAAAHZpZGUAAAAAAAAAAAAAAABWaWRlb0hhbmRsZXIAAAABnG1pbmYAAAAUdm1oZAAAAAEAAAAAAAAAAAAAACRkaW5mAAAAHGRyZWYAAAAAAAAAAQAAAAx1cmwgAAAAAQAAAVxzdGJsAAAAhHN0c2QAAAAAAAAAAQAAAHRhdmMxAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAEAAQABIAAAASAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGP//AAAAHmF2Y0MBQsAe/+EAB2dCwB7aEJkBAARozjyAAAAAGHN0dHMAAAAAAAAAAQAAABgAAAIAAAAAFHN0c3MAAAAAAAAAAQAAAAEAAAAcc3RzYwAAAAAAAAABAAAAAQAAABgAAAABAAAAdHN0c3oAAAAAAAAAAAAAABgAAAGaAAAACQAAAAkAAAAJAAAACQAAAAkAAAAJAAAACQAAAAkAAAAJAAAACQAAAAkAAAAJAAAACQAAAAkAAAAJAAAACQAAAAkAAAAJAAAACQAAAAkAAAAJAAAACQAAAAkAAAAUc3RjbwAAAAAAAAABAAAC8QAAAnFtZGF0AAABlmWIhKDQbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbViYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiJhk5OTDJycnJycnJycnJyeAAAAAFQZoigjAAAAAFQZpCgjAAAAAFQZpigjAAAAAFQZqCgjAAAAAFQZqigjAAAAAFQZrCgjAAAAAFQZrigjAAAAAFQZsCgjAAAAAFQZsigjAAAAAFQZtCgjAAAAAFQZtigjAAAAAFQZuCgjAAAAAFQZuigjAAAAAFQZvCgjAAAAAFQZvigjAAAAAFQZoCgjAAAAAFQZoigjAAAAAFQZpCgjAAAAAFQZpigjAAAAAFQZqCgjAAAAAFQZqigjAAAAAFQZrCgjAAAAAFQZrigjA=";
/** What may stand behind the address of a task. */
export const waiting = z.object({ wait: wholeNumber(0, 9_999).optional().describe("seconds to wait for the end of the task") });
export const unix = z.int().describe("Unix seconds; 0: not yet");
export const percent = text.regex(/^\d{1,3}%$/);
export const shownState = z.enum(["NOT_START", "SUBMITTED", "QUEUED", "IN_PROGRESS", "SUCCESS", "FAILURE"]).describe("a cancelled task shows as FAILURE");
/** The file of a film or picture, for the key that made it. */
export const file: Readonly<Record<number, OtherAnswer>> = {
  200: { why: "the file", type: "*/*", body: z.string().meta({ format: "binary" }) },
  206: { why: "the part that the header range asks for", type: "*/*", body: z.string().meta({ format: "binary" }) },
  302: { why: "where its vendor has it, when it could not be copied" },
};
