import type { USAGE_ROUTES } from "@yescale/contract";
import { GatewayError } from "../../errors/gateway-error.ts";
import { capturedBodies, setCapture } from "../../store/queries/capture.ts";
import { nanoToUsdText } from "../../catalog/money.ts";
import type { UsageColumn, UsageFilter, UsageSum } from "../../store/queries/usage.ts";
import { usageSums } from "../../store/queries/usage.ts";
import { percentiles } from "../../usage/latency.ts";
import { readMetadata } from "../../usage/metadata.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { quotaOf, secondsOf } from "../system/family.ts";

const HOUR_MS = 3_600_000;
/** What is told when no time is asked for. */
const DAYS_DEFAULT = 30;
const DAY_MS = 86_400_000;
/** Rows of the family's answer: a month of hours for a dozen models. */
const FAMILY_ROWS_MAX = 10_000;

interface Asked {
  start_timestamp?: number | undefined;
  end_timestamp?: number | undefined;
  span: UsageFilter["span"];
  sandbox?: boolean | undefined;
  metadata?: string | undefined;
  limit: number;
  by?: readonly UsageColumn[] | undefined;
  model?: string | undefined;
  key?: string | undefined;
  group?: string | undefined;
  organisation?: string | undefined;
  user?: string | undefined;
  channel?: string | undefined;
}

/** Usage: of the account that asks, or of all for operators. */
export function usageHandlers({ db, clock, flush, addUp, captures }: ApiServices): Handlers<typeof USAGE_ROUTES> {
  const sumsOf = async (asked: Asked, user?: string): Promise<UsageSum[]> => {
    await flush();
    await addUp();
    return usageSums(db, filterOf(asked, clock.now(), user));
  };
  return {
    async own({ caller, query }) {
      return { data: (await sumsOf(query, caller.account.id)).map(shown), message: "", success: true };
    },

    async byHour({ caller, query }) {
      const sums = await sumsOf({ ...query, span: "hour", by: ["model"], limit: FAMILY_ROWS_MAX }, caller.account.id);
      // What was only refused would put names of models into the client's list that nobody has.
      const data = sums.filter((sum) => sum.requests > 0).map((sum) => ({
        created_at: secondsOf(sum.start), model_name: sum.of["model"] ?? "", count: sum.requests, quota: quotaOf(sum.chargeNano.toString()), token_used: sum.promptTokens + sum.completionTokens,
      }));
      return { data, message: "", success: true };
    },

    async setCapture({ caller, params, body }) {
      if (!(await setCapture(db, caller.account.id, params.key_id, body.days === 0 ? undefined : body.days))) throw new GatewayError("notFound", { publicText: "There is no such API key." });
      return { message: "", success: true };
    },

    async captured({ caller, params }) {
      await captures.save();
      const found = await capturedBodies(db, caller.account.id, params.request_id);
      if (!found) throw new GatewayError("notFound", { publicText: "Nothing is kept of such a request." });
      const { request, response } = await captures.open(params.request_id, found.sealed);
      return { data: { request_id: params.request_id, key_id: Number(found.key_id), created_at: secondsOf(found.created_at), expires_at: secondsOf(found.expires_at), request, response }, message: "", success: true };
    },

    async all({ query }) {
      return { data: (await sumsOf(query)).map(shown) };
    },
  };
}

function filterOf(asked: Asked, nowUnixMs: number, user: string | undefined): UsageFilter {
  // Sums are of whole hours or days: what is asked for ends with the last one that it touches, so that a request of this moment is in it.
  const wholeMs = asked.span === "day" ? DAY_MS : HOUR_MS;
  const end = asked.end_timestamp === undefined ? Math.ceil((nowUnixMs + 1) / DAY_MS) * DAY_MS : Math.ceil((asked.end_timestamp * 1000) / wholeMs) * wholeMs;
  const start = asked.start_timestamp === undefined ? Math.floor((end - DAYS_DEFAULT * DAY_MS) / DAY_MS) * DAY_MS : Math.floor((asked.start_timestamp * 1000) / wholeMs) * wholeMs;
  const { model, key, group, organisation, channel } = asked;
  const where = Object.fromEntries(Object.entries({ model, key, group, organisation, channel, user: user ?? asked.user }).filter(([, value]) => value !== undefined && value !== "")) as UsageFilter["where"];
  const metadata = asked.metadata === undefined || asked.metadata === "" ? undefined : readMetadata(asked.metadata, "metadata");
  return { since: new Date(start), until: new Date(end), span: asked.span, by: asked.by ?? [], where, sandbox: asked.sandbox ?? false, metadata, limit: asked.limit };
}

const shown = (sum: UsageSum) => ({
  start: sum.start === null ? null : secondsOf(sum.start),
  ...sum.of,
  requests: sum.requests,
  rejected: sum.rejected,
  errors: sum.errors,
  spend_usd: nanoToUsdText(sum.chargeNano),
  quota: quotaOf(sum.chargeNano.toString()),
  prompt_tokens: sum.promptTokens,
  completion_tokens: sum.completionTokens,
  cached_tokens: sum.cachedTokens,
  duration_ms: percentiles(sum.durations),
  first_byte_ms: percentiles(sum.firstBytes),
});
