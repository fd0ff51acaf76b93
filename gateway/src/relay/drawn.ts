import { type Charge, evaluate } from "../catalog/index.ts";
import type { Drawn } from "../dialects/canonical/usage.ts";
import type { Admission } from "./admission.ts";
import type { RelayServices } from "./call.ts";

/** What draws where the catalog does not know the model that did. */
const USUAL_DRAWER = "gpt-image-1";
/** Tokens of the dearest picture (image generation guide: high quality, not square), and of a prompt for one. */
const PICTURE = { input: 200, outputImage: 6_240 };

/** What a picture model's part of a call costs, at that model's own prices; undefined: the catalog has none. */
export function drawnCharge({ model, usage }: Drawn, { terms }: Pick<Admission, "terms">, { catalog }: Pick<RelayServices, "catalog">): Charge | undefined {
  const prices = (catalog().find(model) ?? catalog().find(USUAL_DRAWER))?.compiled;
  return prices && evaluate({ prices, usage, groupRatioMicro: terms.ratioMicro });
}

/** What is held for a call that may draw: one picture. In nano-dollars. */
export const drawingNano = (drawer: string | undefined, of: Pick<Admission, "terms">, services: Pick<RelayServices, "catalog">): number =>
  drawer === undefined ? 0 : Number(drawnCharge({ model: drawer, usage: PICTURE }, of, services)?.totalNano ?? 0n);
