import { divideHalfUp, parseDecimal } from "../catalog/money.ts";
import { objectIn, type Row, textOf } from "./old-data.ts";
import { table } from "../table.ts";

/** Digits behind the point of a price here: the pico-dollar of a token, the nano-dollar of a call. Ratios that were made of other currencies have more; they are rounded. */
const TOKEN_DIGITS = 6;
const CALL_DIGITS = 9;
/** Digits that a ratio itself may have; what follows is the noise of binary fractions. */
const FACTOR_DIGITS = 12;
/** Larger ones are taken for this, which no catalog takes: it says so. */
const RATIO_MAX = 1e15;
/** Ratio 1 is $2 for a million tokens (New API and One API: $0.002 for a thousand). */
const USD_OF_RATIO_ONE = 2;

/** Prices of a model in the words of the settings file. */
export type OldPrices = Partial<Record<"request" | "input" | "output" | "cacheRead" | "cacheWrite" | "inputImage" | "inputAudio" | "outputAudio", string>>;

/** What options say of prices. */
export interface OldRatios {
  model: Record<string, number>;
  completion: Record<string, number>;
  cache: Record<string, number>;
  createCache: Record<string, number>;
  image: Record<string, number>;
  audio: Record<string, number>;
  audioCompletion: Record<string, number>;
  price: Record<string, number>;
  group: Record<string, number>;
  /** groups that every user may choose, with what they are called */
  usable: Record<string, string>;
  /** what a group named `auto` tries */
  auto: string[];
  /** how many units of quota a dollar is */
  quotaPerUsd: bigint;
}

export function ratiosOf(options: readonly Row[]): OldRatios {
  const values = new Map(options.map((row) => [textOf(row, "key"), textOf(row, "value")]));
  const numbers = (name: string): Record<string, number> =>
    table(Object.fromEntries(Object.entries(objectIn(values.get(name) ?? "")).filter((entry): entry is [string, number] => entry[0].trim() !== "" && typeof entry[1] === "number" && entry[1] >= 0).map(([of, ratio]) => [of, Math.min(ratio, RATIO_MAX)])));
  const quotaPerUnit = Number(values.get("QuotaPerUnit") ?? "500000");
  return {
    model: numbers("ModelRatio"), completion: numbers("CompletionRatio"), cache: numbers("CacheRatio"), createCache: numbers("CreateCacheRatio"), image: numbers("ImageRatio"), audio: numbers("AudioRatio"), audioCompletion: numbers("AudioCompletionRatio"),
    price: numbers("ModelPrice"), group: numbers("GroupRatio"),
    usable: table(Object.fromEntries(Object.entries(objectIn(values.get("UserUsableGroups") ?? "")).map(([name, words]) => [name, String(words)]))),
    auto: listIn(values.get("AutoGroups") ?? ""),
    quotaPerUsd: Number.isSafeInteger(quotaPerUnit) && quotaPerUnit > 0 ? BigInt(quotaPerUnit) : 500_000n,
  };
}

/**
 * The prices that the ratios make of a model; undefined when they make none. A completion ratio that is not written is not guessed, although New API has some in its code: the model is left to the catalog, or without a price.
 */
export function pricesOf(name: string, ratios: OldRatios): OldPrices | undefined {
  const flat = ratios.price[name];
  if (flat !== undefined) return { request: product(CALL_DIGITS, flat) };
  const [model, completion] = [ratios.model[name], ratios.completion[name]];
  if (model === undefined || completion === undefined) return undefined;
  const times = (...factors: (number | undefined)[]): string | undefined => (factors.includes(undefined) ? undefined : product(TOKEN_DIGITS, USD_OF_RATIO_ONE, model, ...(factors as number[])));
  const { cache, createCache, image, audio, audioCompletion } = ratios;
  const prices = {
    input: times(), output: times(completion), cacheRead: times(cache[name]), cacheWrite: times(createCache[name]), inputImage: times(image[name]),
    inputAudio: times(audio[name]), outputAudio: times(audio[name], audioCompletion[name]),
  };
  return Object.fromEntries(Object.entries(prices).filter(([, value]) => value !== undefined)) as OldPrices;
}

/** Decimals are multiplied as whole numbers and rounded once, half up. */
function product(digits: number, ...factors: number[]): string {
  const [value, scale] = factors.reduce<[bigint, number]>(([all, places], factor) => [all * parseDecimal(factor.toFixed(FACTOR_DIGITS), FACTOR_DIGITS), places + FACTOR_DIGITS], [1n, 0]);
  const text = divideHalfUp(value, 10n ** BigInt(scale - digits)).toString().padStart(digits + 1, "0");
  const fraction = text.slice(-digits).replace(/0+$/, "");
  return `${text.slice(0, -digits)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** A group's ratio as the catalog writes it, to the millionth. */
export const ratioText = (ratio: number): string => product(TOKEN_DIGITS, ratio);

function listIn(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.map(String) : [];
  } catch {
    return [];
  }
}
