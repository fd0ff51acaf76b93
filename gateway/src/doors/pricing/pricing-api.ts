import type { PRICING_ROUTES } from "@yescale/contract";
import { mayUseGroup } from "../../catalog/index.ts";
import { usageSums } from "../../store/queries/usage.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { isOffered } from "../models.ts";
import { priceList } from "./price-list.ts";

const DAY_MS = 86_400_000;
/** Days that measures are taken of. */
const MEASURED_DAYS = 7;
/** Anybody may ask, so the answer is made once and given again for this long, unless prices change. */
const LIST_MS = 60_000;
/** More models than any catalog has. */
const MODELS_MAX = 100_000;

export function pricingHandlers({ db, clock, catalog, channels }: ApiServices): Handlers<typeof PRICING_ROUTES> {
  let kept: { text: Promise<string>; version: string; until: number } | undefined;
  const make = async (): Promise<string> => {
    const now = clock.now();
    const until = Math.ceil((now + 1) / DAY_MS) * DAY_MS;
    const measured = await usageSums(db, { since: new Date(until - (MEASURED_DAYS + 1) * DAY_MS), until: new Date(until), span: "all", by: ["model"], where: {}, sandbox: false, limit: MODELS_MAX }).catch(() => []);
    return JSON.stringify(priceList({ catalog: catalog(), offers: (model, group) => isOffered(model, group, false, channels, now), measured }));
  };
  return {
    async pricing() {
      const version = catalog().priceVersion;
      if (!kept || kept.version !== version || kept.until <= clock.monotonic()) kept = { text: make(), version, until: clock.monotonic() + LIST_MS };
      return new Response(await kept.text, { headers: { "content-type": "application/json", "cache-control": "public, max-age=60", "access-control-allow-origin": "*" } });
    },

    groups({ caller }) {
      const usable = catalog().groups().filter((group) => mayUseGroup(group, Number(caller.account.id)));
      return { success: true, message: "", data: Object.fromEntries(usable.map((group) => [group.name, { ratio: Number(group.ratio), desc: group.description ?? "" }])) };
    },
  };
}
