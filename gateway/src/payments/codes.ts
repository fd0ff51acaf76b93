import { randomInt } from "node:crypto";
import { keyHash } from "../accounts/api-key.ts";

/** Without 0, 1, I and O, which people take for each other. */
const CHARACTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/** 32^20 is 100 bits, which nobody guesses. */
const LENGTH = 20;
const GROUP_LENGTH = 5;
/** What of a code lists show: too little to try the rest. */
const SHOWN = 4;

/** Characters that stand in nobody's way when they are typed or read out. */
export const randomCharacters = (length: number): string => Array.from({ length }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join("");

/** A new redemption code, such as `K7QXW-3M9TP-ZBH42-RVN8D`. Shown once, kept as a digest. */
export const newRedemptionCode = (): string => (randomCharacters(LENGTH).match(new RegExp(`.{${GROUP_LENGTH}}`, "g")) ?? []).join("-");

/** The digest under which a code is kept and looked up, however it was typed: case, spaces and dashes do not matter. */
export const codeHash = (code: string): Buffer => keyHash(`code ${code.toUpperCase().replaceAll(/[^0-9A-Z]/g, "")}`);

/** What a list shows of a code. */
export const codeShown = (code: string): string => `****-${code.slice(-SHOWN)}`;
