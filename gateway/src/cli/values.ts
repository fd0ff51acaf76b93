import { AddressList, splitAddressList } from "../accounts/address-list.ts";
import { usdToNano } from "../catalog/money.ts";
import { reason } from "../process/start-error.ts";
import { refuse } from "./open.ts";

/** A billion dollars: far from where bigint nano-dollars end. */
const USD_MAX_NANO = 1_000_000_000n * 1_000_000_000n;
const DAYS_MAX = 36_500;
const INTEGER_MAX = 2_147_483_647;

/** Dollars as nano-dollars; refuses what is no amount. */
export function dollars(text: string, name: string): bigint {
  let nano: bigint;
  try {
    nano = usdToNano(text);
  } catch {
    return refuse(`${name}: "${text}" is no amount of dollars such as 100 or 0.5.`);
  }
  if (nano > USD_MAX_NANO || nano < -USD_MAX_NANO) refuse(`${name}: "${text}" is more than a billion dollars.`);
  return nano;
}

/** A number of days above 0; fractions are allowed. */
export function days(text: string, name: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  return value > 0 && value <= DAYS_MAX ? value : refuse(`${name}: "${text}" is no number of days from above 0 to ${DAYS_MAX}.`);
}

/** A whole number, negative ones included. */
export function wholeNumber(text: string, name: string, least = -INTEGER_MAX): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= INTEGER_MAX ? value : refuse(`${name}: "${text}" is no whole number${least > -INTEGER_MAX ? ` from ${least}` : ""}.`);
}

/** A number above 0. */
export function share(text: string, name: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  return value > 0 && value <= INTEGER_MAX ? value : refuse(`${name}: "${text}" is no number above 0.`);
}

/** An http or https address. */
export const webAddress = (text: string, name: string): string =>
  /^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text) ? text : refuse(`${name}: "${text}" is no http or https address.`);

/** Addresses and ranges. */
export function addressList(text: string, name: string): string[] {
  const entries = splitAddressList(text);
  try {
    new AddressList(entries);
  } catch (error) {
    refuse(`${name}: ${reason(error)}.`);
  }
  return entries.length > 0 ? entries : refuse(`${name}: names no address.`);
}

/** Names separated by commas. */
export const names = (text: string): string[] => text.split(",").map((name) => name.trim()).filter((name) => name !== "");
