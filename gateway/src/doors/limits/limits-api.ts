import type { LIMIT_ROUTES } from "@yescale/contract";
import type { z } from "zod";
import { nanoToUsdText, usdToNano } from "../../catalog/money.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { EVERYONE, type LimitScope } from "../../limits/rule.ts";
import { listKeys } from "../../store/queries/keys.ts";
import { allLimitRules, type LimitRow, limitRules, setLimitRule } from "../../store/queries/limits.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { KEYS_MAX } from "../system/own-keys.ts";

/** Scopes whose subjects are ids. */
const BY_ID: ReadonlySet<string> = new Set(["key", "user", "organisation"]);

type Wish = z.output<(typeof LIMIT_ROUTES)["set"]["body"]>;

/** Limits: of one's own keys, or of anything for operators. */
export function limitHandlers({ db }: ApiServices): Handlers<typeof LIMIT_ROUTES> {
  return {
    async own({ caller }) {
      const keys = await listKeys(db, caller.account.id, { limit: KEYS_MAX });
      const ids = keys.map((key) => key.id);
      const rules = [...(await limitRules(db, "user", [caller.account.id, EVERYONE])), ...(await limitRules(db, "key", [...ids, EVERYONE]))];
      // One that stands for each does not concern whom has a rule of its own.
      const ownUser = rules.some((rule) => rule.scope === "user" && rule.subject !== EVERYONE);
      return { data: rules.filter((rule) => !(ownUser && rule.scope === "user" && rule.subject === EVERYONE)).map(shown), message: "", success: true };
    },

    async setOwn({ caller, params, body }) {
      const [key] = await listKeys(db, caller.account.id, { id: params.key_id, limit: 1 });
      if (!key) throw new GatewayError("notFound", { publicText: "There is no such API key." });
      await setLimitRule(db, { scope: "key", subject: params.key_id, setBy: "owner", ...limitsOf(body) });
      return { message: "", success: true };
    },

    async all({ query }) {
      const rules = query.scope === undefined ? (await allLimitRules(db)).map(({ rule }) => rule) : await limitRules(db, query.scope);
      return { data: rules.map(shown) };
    },

    async set(call) {
      const { body } = call;
      const { scope, subject } = call.params;
      if (BY_ID.has(scope) && subject !== EVERYONE && !/^[1-9]\d{0,14}$/.test(subject)) throw new GatewayError("invalidRequest", { publicText: `A ${scope} is named by its id, or "${EVERYONE}" for each.`, param: "subject" });
      return call.change(async (tx, note) => {
        const before = await operatorsRule(tx, scope, subject);
        await setLimitRule(tx, { scope, subject, ...limitsOf(body) });
        const after = shown({ scope, subject, setBy: "operator", ...NONE, ...limitsOf(body) });
        note({ action: "limit.set", subject: `${scope}:${subject}`, before: before && shown(before), after });
        return after;
      });
    },

    async remove(call) {
      const { scope, subject } = call.params;
      return call.change(async (tx, note) => {
        const before = await operatorsRule(tx, scope, subject);
        if (!before) throw new GatewayError("notFound", { publicText: "There are no such limits." });
        await setLimitRule(tx, { scope, subject });
        note({ action: "limit.remove", subject: `${scope}:${subject}`, before: shown(before) });
        return { deleted: true };
      });
    },
  };
}

const operatorsRule = async (db: ApiServices["db"], scope: string, subject: string): Promise<LimitRow | undefined> => (await limitRules(db, scope, [subject])).find(({ setBy }) => setBy === "operator");

const NONE = { requestsPerMinute: undefined, tokensPerMinute: undefined, requestsPerDay: undefined, concurrency: undefined, spendPerDay: undefined, spendPerMonth: undefined };

const limitsOf = (wish: Wish) => ({
  requestsPerMinute: wish.requests_per_minute,
  tokensPerMinute: wish.tokens_per_minute,
  requestsPerDay: wish.requests_per_day,
  concurrency: wish.concurrency,
  spendPerDay: wish.usd_per_day === undefined ? undefined : Number(usdToNano(wish.usd_per_day)),
  spendPerMonth: wish.usd_per_month === undefined ? undefined : Number(usdToNano(wish.usd_per_month)),
});

const usdOf = (nano: number | undefined): string | null => (nano === undefined ? null : nanoToUsdText(BigInt(nano)));
const shown = (rule: LimitRow) => ({
  scope: rule.scope as LimitScope,
  subject: rule.subject,
  set_by: rule.setBy,
  requests_per_minute: rule.requestsPerMinute ?? null,
  tokens_per_minute: rule.tokensPerMinute ?? null,
  requests_per_day: rule.requestsPerDay ?? null,
  concurrency: rule.concurrency ?? null,
  usd_per_day: usdOf(rule.spendPerDay),
  usd_per_month: usdOf(rule.spendPerMonth),
});
