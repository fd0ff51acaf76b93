import { type Model, type Option, quoteTask } from "../../catalog/index.ts";
import { NANO_PER_USD, RATIO_ONE } from "../../catalog/money.ts";

/**
 * Dollars that one call of a media model costs as its vendor makes it where the caller says nothing; of a parameter without a usual value, for its first. Null where that depends on what is given (a text, a film), and for models that
 * are not made as tasks.
 */
export function usualPrice(model: Model): number | null {
  if (!model.kind) return null;
  const options: Record<string, Option> = {};
  for (const [name, { default: usual, values, from }] of Object.entries(model.parameters ?? {})) {
    const value = usual ?? values?.[0] ?? from;
    if (value !== undefined) options[name] = value;
  }
  const quote = quoteTask(model, { ratioMicro: RATIO_ONE }, { options }, "");
  return "fault" in quote ? null : Number(quote.expectedNano) / Number(NANO_PER_USD);
}
