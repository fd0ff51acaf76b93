import { defineCommand } from "citty";
import { nanoToUsdText } from "../catalog/money.ts";
import { EVERYONE, LIMIT_SCOPES } from "../limits/rule.ts";
import { allLimitRules, type LimitRow, setLimitRule } from "../store/queries/limits.ts";
import { changed, print, refuse, withDatabase } from "./open.ts";
import { dollars, wholeNumber } from "./values.ts";

const json = { type: "boolean", description: "print JSON" } as const;

const set = defineCommand({
  meta: { name: "set", description: "set all limits of one subject (those left out are not limited; none: the rule is gone)" },
  args: {
    json,
    subject: { type: "positional", description: `${LIMIT_SCOPES.join(", ")}, then : and an id (key, user, organisation) or a name; ${EVERYONE} for each one without a rule of its own`, required: true },
    "requests-per-minute": { type: "string", description: "requests in any 60 seconds" },
    "tokens-per-minute": { type: "string", description: "tokens, prompt and answer, in any 60 seconds" },
    "requests-per-day": { type: "string", description: "requests in a UTC day" },
    concurrency: { type: "string", description: "requests at a time" },
    "usd-per-day": { type: "string", description: "dollars in a UTC day" },
    "usd-per-month": { type: "string", description: "dollars in a UTC month" },
  },
  run: ({ args }) =>
    withDatabase(async (db) => {
      const [scope = "", ...rest] = args.subject.split(":");
      const subject = rest.join(":");
      if (!LIMIT_SCOPES.some((known) => known === scope) || subject === "") refuse(`subject: "${args.subject}" is none of ${LIMIT_SCOPES.join(", ")} with its id or name, such as key:7.`);
      if (["key", "user", "organisation"].includes(scope) && subject !== EVERYONE) wholeNumber(subject, "subject", 1);
      const count = (text: string | undefined, name: string): number | undefined => (text === undefined ? undefined : wholeNumber(text, name, 0));
      const usd = (text: string | undefined, name: string): number | undefined => {
        if (text === undefined) return undefined;
        const nano = dollars(text, name);
        return nano < 0n || nano > MAX_NANO ? refuse(`${name}: must be from 0 to ${nanoToUsdText(MAX_NANO)}.`) : Number(nano);
      };
      const rule = {
        scope, subject, setBy: "operator" as const,
        requestsPerMinute: count(args["requests-per-minute"], "requests-per-minute"), tokensPerMinute: count(args["tokens-per-minute"], "tokens-per-minute"),
        requestsPerDay: count(args["requests-per-day"], "requests-per-day"), concurrency: count(args.concurrency, "concurrency"),
        spendPerDay: usd(args["usd-per-day"], "usd-per-day"), spendPerMonth: usd(args["usd-per-month"], "usd-per-month"),
      };
      await changed(db, async (tx, note) => {
        const before = (await allLimitRules(tx)).find(({ rule: old }) => old.scope === scope && old.subject === subject && old.setBy === "operator")?.rule;
        await setLimitRule(tx, rule);
        note({ action: "limit.set", subject: `${scope}:${subject}`, before: before && shown(before), after: shown(rule) });
      });
      print(shown(rule), args.json);
    }),
});

/** Beyond this, nano-dollars are no whole numbers in a double. */
const MAX_NANO = 9_000_000_000_000_000n;

const list = defineCommand({
  meta: { name: "list", description: "all limits" },
  args: { json },
  run: ({ args }) => withDatabase(async (db) => print((await allLimitRules(db)).map(({ rule }) => shown(rule)), args.json)),
});

function shown({ scope, subject, setBy, spendPerDay, spendPerMonth, ...counts }: LimitRow): Record<string, unknown> {
  const usd = (nano: number | undefined): string | undefined => (nano === undefined ? undefined : nanoToUsdText(BigInt(nano)));
  return Object.fromEntries(Object.entries({ subject: `${scope}:${subject}`, ...counts, setBy, usdPerDay: usd(spendPerDay), usdPerMonth: usd(spendPerMonth) }).filter(([, value]) => value !== undefined));
}

export const limitCommand = defineCommand({ meta: { name: "limit", description: "limits of keys, users, groups, models and channels" }, subCommands: { set, list } });
