import { z } from "zod";
import type { CompiledPrices } from "./prices.ts";

const decimal = z.union([z.string(), z.number()]).transform((value) => String(value));
const classPrices = {
  input: decimal.optional(),
  inputAudio: decimal.optional(),
  inputImage: decimal.optional(),
  cacheRead: decimal.optional(),
  cacheWrite: decimal.optional(),
  cacheWriteHour: decimal.optional(),
  output: decimal.optional(),
  reasoning: decimal.optional(),
  outputAudio: decimal.optional(),
  outputImage: decimal.optional(),
  webSearch: decimal.optional(),
  request: decimal.optional(),
};

const pricesSchema = z.strictObject({
  ...classPrices,
  tiers: z.array(z.strictObject({ ...classPrices, abovePromptTokens: z.int().min(1) })).optional(),
});

/** A model as the data files and the operator's settings write it. */
export const modelSchema = z.strictObject({
  id: z.string().min(1).max(200),
  vendor: z.string().min(1),
  displayName: z.string().optional(),
  aliases: z.array(z.string()).optional(),
  contextTokens: z.int().min(1).optional(),
  maxOutputTokens: z.int().min(1).optional(),
  /** what a hold assumes of an answer's length */
  typicalOutputTokens: z.int().min(1).optional(),
  abilities: z.array(z.string()).optional(),
  /** ISO date */
  releasedAt: z.string().optional(),
  retiredAt: z.string().optional(),
  replacedBy: z.string().optional(),
  prices: pricesSchema.optional(),
});

export type ModelData = z.infer<typeof modelSchema>;

/** A model of the catalog. Without `compiled` it has no price and cannot be called. */
export type Model = ModelData & { compiled: CompiledPrices | undefined };

export const groupSchema = z.strictObject({
  name: z.string().min(1).max(100),
  /** multiplies every price */
  ratio: decimal,
  /** `*`, or channel names and `vendor:<id>` */
  channels: z.union([z.literal("*"), z.array(z.string())]),
  description: z.string().optional(),
});

export type GroupData = z.infer<typeof groupSchema>;
export type PricedGroup = GroupData & { ratioMicro: bigint };
