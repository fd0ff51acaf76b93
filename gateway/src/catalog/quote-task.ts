import { MEASURES, unitCount, type Usage, USAGE_CLASSES } from "../dialects/canonical/usage.ts";
import { type CompiledPrices, type PriceLevel, textOf, type UnitPrices } from "./compile-prices.ts";
import { conditionText, type Options, unmet } from "./conditions.ts";
import { countBy, type CountRules } from "./counts.ts";
import { type Charge, type ChargeLine, evaluate, levelFor, variantText } from "./evaluate.ts";
import type { PricedGroup } from "./group.ts";
import { RATIO_ONE } from "./money.ts";
import type { Model } from "./model.ts";
import { readOptions } from "./parameters.ts";
import type { PriceClass } from "./price-table.ts";

/** What is known of a task before it is made. */
export interface TaskFacts {
  /** What the caller chose, by the names of the model's `parameters`, as the caller wrote the values; `images` and `videos` are how many were given. What is left out gets the vendor's default. */
  options: Options;
  /** Units that the door has measured, by class: characters of a text, seconds of a given video. They come before what the parameters say. */
  counts?: Usage;
  /** the most that these may come to; the same unless told */
  worstCounts?: Usage;
}

/** What is agreed on when a task is accepted: plain JSON, kept with the task, so that no later change of prices reaches it (M35). */
export interface TaskTerms {
  model: string;
  /** names the prices (`Catalog.priceVersion`) */
  priceVersion: string;
  /** group ratio in millionths */
  ratioMicro: number;
  /** names the variant whose price was used, for example `duration=5 mode=std` */
  variant?: string;
  /** what is paid for; `request` is one call */
  classes: TaskClass[];
}

/** One thing that is paid for. */
export interface TaskClass {
  class: PriceClass;
  /** price of one unit in pico-dollars, as decimal text */
  unitPricePico: string;
  /** units that the task should come to, and the most that will be charged */
  expected: number;
  worst: number;
}

/** The price of a task before it is made. */
export interface TaskQuote {
  /** nano-dollars that it should cost */
  expectedNano: bigint;
  /** nano-dollars that it costs at most: what is to be held; no charge by these terms exceeds it */
  worstNano: bigint;
  /** lines of the expected cost; they sum to it */
  lines: ChargeLine[];
  /** the parameters that the price looks at, defaults filled in: what goes to the vendor must say the same (V36) */
  options: Options;
  terms: TaskTerms;
}

/** Why a task has no price. It is refused (400) and costs nothing. */
export type TaskPriceFault =
  /** the model has no price at all */
  | { fault: "unpriced" }
  /** a parameter's value has none; `allowed` says in words which have */
  | { fault: "noMatchingPrice"; parameter: string; allowed: string }
  /** it is not known how much is to be made: a parameter without a default is missing, or a class that somebody must measure (`characters`) */
  | { fault: "uncounted"; parameter: string };

/**
 * What a task would cost, at the group's own prices where it has some. Pure: the same model, group and facts give the same answer. The charge is made by the terms (`chargeTask`), with the same evaluator.
 */
export function quoteTask(model: Model, group: Pick<PricedGroup, "ratioMicro"> & Partial<Pick<PricedGroup, "own">>, facts: TaskFacts, priceVersion: string): TaskQuote | TaskPriceFault {
  const own = group.own?.get(model.id);
  const prices = (own ?? model).compiled;
  if (!prices) return { fault: "unpriced" };
  const read = readOptions(model.parameters ?? {}, facts.options);
  if ("fault" in read) return { fault: "noMatchingPrice", ...read.fault };
  const level = levelFor(prices, facts.counts ?? {}, read.options);
  if (!level) return mismatch(prices, read.options);
  const counted = countClasses(level, facts, read.options);
  if ("fault" in counted) return counted;
  const terms: TaskTerms = {
    model: model.id,
    priceVersion,
    ratioMicro: Number(own ? RATIO_ONE : group.ratioMicro),
    ...(level.when ? { variant: variantText(level.when) } : {}),
    classes: counted.classes,
  };
  const expected = evaluateTerms(terms, (entry) => entry.expected);
  return { expectedNano: expected.totalNano, worstNano: evaluateTerms(terms, (entry) => entry.worst).totalNano, lines: expected.lines, options: declared(model, read.options), terms };
}

/** What a task that succeeded costs. */
export interface TaskCharge extends Charge {
  /** classes of which the vendor reported more than the terms allow: they are charged at the most, the rest is the operator's loss */
  exceeded: PriceClass[];
}

/**
 * The charge of a task that succeeded, by its terms. `actual`: units that the vendor reported or that came back (3 pictures of 4), by class; a class that it does not name costs what was expected. Never more than the
 * quote's `worstNano`, whatever was reported.
 */
export function chargeTask(terms: TaskTerms, actual: Usage = {}): TaskCharge {
  const exceeded: PriceClass[] = [];
  const charge = evaluateTerms(terms, (entry) => {
    const told = entry.class === "request" ? undefined : actual[entry.class];
    if (told === undefined) return entry.expected;
    const units = unitCount(entry.class, told);
    if (units > entry.worst) exceeded.push(entry.class);
    return Math.min(units, entry.worst);
  });
  return { ...charge, exceeded };
}

/** The one evaluator, on the prices and units of terms. */
function evaluateTerms(terms: TaskTerms, unitsOf: (entry: TaskClass) => number): Charge {
  const unit: { [name in PriceClass]?: bigint } = {};
  const usage: Usage = {};
  let requests = 0;
  for (const entry of terms.classes) {
    unit[entry.class] = BigInt(entry.unitPricePico);
    if (entry.class === "request") requests = unitsOf(entry);
    else usage[entry.class] = unitsOf(entry);
  }
  const charge = evaluate({ prices: flat(unit), usage, groupRatioMicro: BigInt(terms.ratioMicro), requests });
  if (terms.variant !== undefined) for (const line of charge.lines) line.variant = terms.variant;
  return charge;
}

const flat = (unit: UnitPrices): CompiledPrices => ({ base: { abovePromptTokens: undefined, counts: {}, unit, text: textOf(unit), dearestPrompt: 0n, dearestOutput: 0n }, tiers: [], variants: [], strict: false });

/** How much of every priced class there will be. */
function countClasses(level: PriceLevel, facts: TaskFacts, options: Options): { classes: TaskClass[] } | TaskPriceFault {
  const classes: TaskClass[] = [];
  const add = (name: PriceClass, expected: number, worst: number): void => {
    classes.push({ class: name, unitPricePico: (level.unit[name] ?? 0n).toString(), expected, worst: Math.max(expected, worst) });
  };
  if (level.unit.request !== undefined) add("request", 1, 1);
  for (const name of USAGE_CLASSES) {
    if (level.unit[name] === undefined) continue;
    const measured = facts.counts?.[name];
    if (measured !== undefined) {
      add(name, unitCount(name, measured), unitCount(name, facts.worstCounts?.[name] ?? measured));
      continue;
    }
    const counted = countOf(level.counts, name, options) ?? countOf(PICTURES, name, { n: 1, ...options, pixels: megapixelsOf(options) });
    if (counted === undefined) {
      // Tokens nobody counted are none; a price per second of an unknown time is no price.
      if (MEASURES.has(name)) return { fault: "uncounted", parameter: name };
    } else if ("missing" in counted) return { fault: "uncounted", parameter: counted.missing };
    else {
      const worst = countOf(level.worstCounts ?? {}, name, options);
      if (worst && "missing" in worst) return { fault: "uncounted", parameter: worst.missing };
      add(name, counted.units, worst?.units ?? counted.units);
    }
  }
  return classes.length === 0 ? { fault: "uncounted", parameter: "input" } : { classes };
}

function countOf(rules: CountRules, name: Exclude<PriceClass, "request">, options: Options): ReturnType<typeof countBy> | undefined {
  const rule = rules[name];
  return rule === undefined ? undefined : countBy(rule, name, options);
}

/** A table that says nothing of how many pictures, or of how large they are: as many as asked for, one unless told, as with every vendor of pictures. */
const PICTURES: CountRules = { images: "n", megapixels: { of: ["n", "pixels"] } };
/** Pixels of a megapixel, as fal's examples count: 1024x1024 is one, 1920x1080 two (https://fal.ai/models/fal-ai/flux-2-flex). */
const MEGAPIXEL = 1024 * 1024;

/** Megapixels of a picture, begun ones whole, where `size` is in pixels; else one: what vendors make unless told, and the most that a shape without sides comes to. */
function megapixelsOf({ size }: Options): number {
  const [, width, height] = /^(\d{1,5})[x*](\d{1,5})$/i.exec(String(size)) ?? [];
  return width && height ? Math.max(1, Math.ceil((Number(width) * Number(height)) / MEGAPIXEL)) : 1;
}

/** Names the parameter by which the call comes closest to having a price, and what it may be there: of the variants that fail in the fewest places, the first. */
function mismatch(prices: CompiledPrices, options: Options): TaskPriceFault {
  const failures = prices.variants.map(({ when = {} }) => ({ when, failing: Object.entries(when).flatMap(([name, condition]) => (unmet({ [name]: condition }, options) === undefined ? [] : [name])) }));
  const fewest = Math.min(...failures.map(({ failing }) => failing.length));
  const closest = failures.filter(({ failing }) => failing.length === fewest);
  const parameter = closest[0]?.failing[0] ?? "";
  const allowed = closest.flatMap(({ when, failing }) => (failing[0] === parameter ? [conditionText(when[parameter] ?? "")] : []));
  return { fault: "noMatchingPrice", parameter, allowed: [...new Set(allowed)].join("|") };
}

const declared = (model: Model, options: Options): Options => Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(model.parameters ?? {}, name)));
