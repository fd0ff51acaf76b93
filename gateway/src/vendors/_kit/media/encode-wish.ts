import type { MediaWish } from "../../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../../errors/gateway-error.ts";
import type { JsonObject } from "./adapter.ts";

type Said = Exclude<keyof MediaWish, "kind">;
type Word<Name extends Said> = string | ((value: NonNullable<MediaWish[Name]>, body: JsonObject, wish: MediaWish) => boolean | void);

/**
 * How a vendor is told of one member of a wish: the name of its own member; or a function that writes it into the body and gives false where this value cannot be said.
 */
export type WishWords = { [Name in Exclude<Said, "prompt" | "others">]?: Word<Name> } & {
  /** Of members by names of the door's own: those that the adapter reads, or a function that writes them and gives the names of those that it cannot say. */
  others?: readonly string[] | ((others: JsonObject, body: JsonObject) => readonly string[] | void);
  /** A vendor that has a word for the prompt cannot do without one, but for `ifSaid`. Without a word here it has none: a tool that works on what is given. */
  prompt?: Word<"prompt"> | { ifSaid: Word<"prompt"> };
};

/**
 * Puts a wish into a vendor's words, over what `body` has already. Gives the body and the names of what could not be said; a `false` or `auto` that is left out loses nothing. Throws GatewayError where a prompt is missing, and where
 * more is wanted than the vendor makes at a time: the price was for all of it.
 */
export function encodeWish(wish: MediaWish, words: WishWords, body: JsonObject = {}): { body: JsonObject; dropped: string[] } {
  const dropped: string[] = [];
  const prompt = words.prompt;
  const promptWord = typeof prompt === "object" ? prompt.ifSaid : prompt;
  const hasPrompt = wish.prompt !== undefined && wish.prompt.trim() !== "";
  if (!hasPrompt && prompt !== undefined && typeof prompt !== "object") throw new GatewayError("invalidRequest", { publicText: '"prompt" is missing.', param: "prompt" });
  for (const name of Object.keys(wish) as (keyof MediaWish)[]) {
    const value = wish[name];
    if (name === "kind" || value === undefined || (name === "prompt" && !hasPrompt)) continue;
    if (name === "others") {
      const { others = [] } = words;
      dropped.push(...(typeof others === "function" ? (others(value as JsonObject, body) ?? []) : Object.keys(value as object).filter((one) => !others.includes(one))));
      continue;
    }
    const word = (name === "prompt" ? promptWord : words[name]) as string | ((value: unknown, body: JsonObject, wish: MediaWish) => boolean | void) | undefined;
    if (typeof word === "string") body[word] = value;
    else if (word === undefined ? !saysNothing(value) : word(value, body, wish) === false) {
      if (name === "count" && value !== 1) throw new GatewayError("invalidRequest", { publicText: '"n" is more than this model makes at a time.', param: "n" });
      dropped.push(name);
    }
  }
  return { body, dropped };
}

const saysNothing = (value: unknown): boolean => value === false || value === "auto" || value === 1 || (Array.isArray(value) && value.length === 0);
