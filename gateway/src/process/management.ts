import { VERSION } from "@yescale/contract";
import type { OperatorSettings, OperatorValues } from "../accounts/operator-settings.ts";
import type { Config } from "../config.ts";
import { type Api, managementApi } from "../doors/api/api.ts";
import type { ApiServices } from "../doors/api/services.ts";
import { logSource, taskSource } from "../doors/api/list-sources.ts";
import { NumberedPages } from "../doors/api/numbered-pages.ts";
import { webhookSecretOf } from "../channels/secrets.ts";
import { Downloader } from "../egress/download.ts";
import { FetchRules } from "../egress/guarded/fetch-rules.ts";
import { GuardedFetcher } from "../egress/guarded-fetch.ts";
import { BalanceNotices } from "../notices/low-balance.ts";
import { startIdentity } from "./identity.ts";
import { startPayments } from "./payments.ts";

/** How the gateway calls itself until an operator says otherwise. */
const BRAND = "YEScale";

/** What the environment says of what operators can set. */
export const settingDefaults = ({ identity }: Config): OperatorValues => ({
  sign_up: identity.signUp,
  starting_credit_usd: identity.startingCreditUsd,
  system_name: BRAND,
  logo: "",
  top_up_link: "",
  chat_link: "",
  notice: "",
  about: "",
  home_page_content: "",
  exchange_rates: {},
  card_currency: "USD",
  top_up_min_usd: "1",
  top_up_max_usd: "10000",
  bonus_tiers: [],
  receipt_seller: "",
});

type Given = "db" | "log" | "clock" | "keys" | "accessKeys" | "failures" | "channels" | "captures" | "deadlines" | "box" | "egress" | "catalog" | "catalogWith" | "flush" | "addUp" | "setAside";

/** The management APIs of one process, with sign-in. `url`: where the gateway listens, asked when it does. */
export function startManagement(config: Config, parts: Pick<ApiServices, Given> & { settings: OperatorSettings; url: () => string }): { api: Api; stop: () => Promise<void> } {
  const { url, ...given } = parts;
  const identity = startIdentity(config, { db: given.db, box: given.box, log: given.log, settings: given.settings, url });
  const { payments, stop } = startPayments(config, given);
  const { publicUrl, providers } = config.identity;
  const rules = new FetchRules(config.fetchAllow, config.fetchHttp);
  const fetcher = new GuardedFetcher(given.egress, rules);
  const brand = (): string => given.settings.values.system_name;
  const api = managementApi({
    ...given,
    payments,
    identity: identity.auth,
    sessionOf: identity.sessionOf,
    mail: identity.mail,
    mailFolder: identity.mailFolder,
    publicUrl: identity.publicUrl,
    brand,
    refusePrivate: (address) => fetcher.refusePrivate(address),
    version: VERSION,
    providers: providers.map(({ id }) => id),
    logPages: new NumberedPages(logSource(given.db), given.clock),
    taskPages: new NumberedPages(taskSource(given.db), given.clock),
    pages: publicUrl === undefined ? [] : [publicUrl],
  });
  const notices = new BalanceNotices({
    db: given.db, clock: given.clock, log: given.log, downloader: new Downloader(given.egress, rules), mail: identity.mail, brand, publicUrl: identity.publicUrl, secretOf: (kind, id) => webhookSecretOf(given.box, id, kind), random: Math.random,
  });
  notices.start();
  return {
    api,
    async stop() {
      identity.stop();
      stop();
      await notices.stop();
    },
  };
}
