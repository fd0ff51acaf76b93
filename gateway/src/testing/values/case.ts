/** A body of JSON, whose texts that begin with `@` stand for pictures in base64 or `data:` URIs; or the parts of a form: texts, several texts, or a file by its name (`@png`, `@mp4`, ...). */
export type ValueBody = Readonly<Record<string, unknown>> | { readonly form: Readonly<Record<string, string | readonly string[]>> };

/** What a door must refuse before anything is sent, and what it must take, of the values that a vendor documents. */
export interface ValueCase {
  /** the door, as refused.test.ts names it */
  door: string;
  path: string;
  /** the member that the error names, and the body that has it wrong */
  wrong: readonly (readonly [member: string, body: ValueBody])[];
  /** all documented members, at the ends of their ranges: what the vendor takes too */
  taken: readonly ValueBody[];
}

/** Bodies of which each has one member otherwise than the first. `undefined` leaves it out. */
export const each = (good: Readonly<Record<string, unknown>>, wrong: readonly (readonly [member: string, ...values: unknown[]])[]): (readonly [string, Readonly<Record<string, unknown>>])[] =>
  wrong.flatMap(([member, ...values]) => values.map((value) => [member, { ...good, [member]: value }] as const));
