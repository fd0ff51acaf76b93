import type { Catalog, Overrides } from "../../catalog/index.ts";
import type { SecretBox } from "../../channels/secrets.ts";
import type { Egress } from "../../egress/upstream.ts";
import type { ChannelBook } from "../../channels/channel-book.ts";
import type { Clock } from "../../clock/clock.ts";
import type { Deadlines } from "../../egress/deadlines.ts";
import type { Logger } from "../../observe/log.ts";
import type { Captures } from "../../usage/capture.ts";
import type { LogFilter, LogRow } from "../../store/queries/logs.ts";
import type { TaskFilter, TaskListed } from "../../store/queries/task-lists.ts";
import type { NumberedPages } from "./numbered-pages.ts";
import type { Auth } from "../../identity/auth.ts";
import type { MailFolder } from "../../identity/mail-folder.ts";
import type { Mailer } from "../../identity/mailer.ts";
import type { OperatorSettings } from "../../accounts/operator-settings.ts";
import type { Payments } from "../../payments/payments.ts";
import type { CallerSources } from "./caller.ts";

/** What the handlers of the management APIs work with. */
export interface ApiServices extends CallerSources {
  clock: Clock;
  /** sign-in; made when it is first needed */
  identity: () => Promise<Auth>;
  /** sends a mail, or writes it into a file */
  mail: Mailer;
  /** mails that became files */
  mailFolder: MailFolder;
  /** how the gateway calls itself */
  brand: () => string;
  version: string;
  settings: OperatorSettings;
  /** other servers that people sign in by */
  providers: readonly string[];
  /** its own origin, for links */
  publicUrl: () => string;
  catalog: () => Catalog;
  /** the catalog as it would be with these entries in the database; throws CatalogError */
  catalogWith: (stored: Overrides) => Catalog;
  captures: Captures;
  channels: ChannelBook;
  logPages: NumberedPages<LogFilter, LogRow>;
  taskPages: NumberedPages<TaskFilter, TaskListed>;
  deadlines: Deadlines;
  payments: Payments;
  /** refuses an address that leads inside; rejects with GatewayError mediaAddress */
  refusePrivate: (address: string) => Promise<void>;
  /** seals credentials of channels */
  box: SecretBox;
  /** the way out to vendors */
  egress: Egress;
  log: Logger;
  /** records that the database refuses, of the folder that this process writes into */
  setAside: () => number;
  /** brings this process's last charges to the database, so that an answer states them */
  flush: () => Promise<unknown>;
  /** brings the sums of usage up to what the database has */
  addUp: () => Promise<void>;
}
