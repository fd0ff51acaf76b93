import type { Options } from "../../catalog/index.ts";
import type { Usage } from "../../dialects/canonical/usage.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Tasks } from "../../tasks/tasks.ts";
import type { MediaCall, MediaTools } from "./family.ts";

/** What is known of an order when its price is asked. */
export interface Priced {
  model: string;
  options: Options;
  counts?: Usage;
}

/** The measure that a film's length is. */
const LENGTH = "videoSeconds";
/** How many times higher a film is made where nobody says it (Topaz, `upscale_factor`). */
const FACTOR = 2;

/**
 * The price of an order. Where it depends on the length of the given film, that is measured first, and so is the height of what will be made: the caller's word for either does not count. Gives the order as it is priced. Throws
 * GatewayError.
 */
export async function priced(order: Priced, film: string | undefined, { key }: Pick<MediaCall, "key">, { tasks }: Pick<MediaTools, "tasks">): Promise<{ order: Priced; price: ReturnType<Tasks["quote"]> }> {
  try {
    return { order, price: tasks.quote({ key, ...order }) };
  } catch (error) {
    if (!(error instanceof GatewayError) || error.param !== LENGTH || film === undefined) throw error;
    const { duration, height } = await tasks.film(film);
    const measured: Priced = { ...order, counts: { ...order.counts, [LENGTH]: duration }, options: heightOf(order.options, height) };
    return { order: measured, price: tasks.quote({ key, ...measured }) };
  }
}

/** By a factor the height follows from the film's; a height that is said is a factor as well. */
function heightOf(options: Options, height: number | undefined): Options {
  if (height === undefined) return options;
  const { upscale_factor: said, output_height: wanted } = options;
  const factor = typeof said === "number" ? said : typeof wanted === "number" ? wanted / height : FACTOR;
  return { ...options, upscale_factor: Math.round(factor * 1000) / 1000, output_height: Math.round(height * factor) };
}
