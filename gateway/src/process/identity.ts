import { join } from "node:path";
import type { OperatorSettings } from "../accounts/operator-settings.ts";
import type { SecretBox } from "../channels/secrets.ts";
import type { Config } from "../config.ts";
import type { Auth } from "../identity/auth.ts";
import { MailFolder } from "../identity/mail-folder.ts";
import type { Mailer } from "../identity/mailer.ts";
import { localUrl, SESSION_COOKIE } from "../identity/names.ts";
import { StartingCredit } from "../identity/starting-credit.ts";
import type { Logger } from "../observe/log.ts";
import type { Db } from "../store/database.ts";
import { emptyDeletedAccounts } from "../store/queries/account-removal.ts";
import { sweepIdentity } from "../store/queries/identity.ts";

const SWEEP_MS = 3_600_000;

export interface Identity {
  /** sign-in, made at its first use: it is large, and a gateway that only relays needs none */
  auth: () => Promise<Auth>;
  mail: Mailer;
  mailFolder: MailFolder;
  publicUrl: () => string;
  sessionOf: (headers: Headers) => Promise<string | undefined>;
  stop: () => void;
}

/** Sign-in of one process. `url` is asked for when the gateway listens: its own address, where the settings name no public one. */
export function startIdentity({ identity, dataDir }: Config, parts: { db: Db; box: SecretBox; log: Logger; settings: OperatorSettings; url: () => string }): Identity {
  const { db, box, log, settings } = parts;
  const brand = (): string => settings.values.system_name;
  let made: Promise<Auth> | undefined;
  const publicUrl = (): string => identity.publicUrl ?? localUrl(parts.url());
  const mailFolder = new MailFolder(join(dataDir, "mail"));
  let mailer: Promise<Mailer> | undefined;
  const mail: Mailer = async (letter) => {
    mailer ??= import("../identity/mailer.ts").then(({ mailerOf }) => mailerOf(identity.mail, mailFolder));
    return (await mailer)(letter);
  };
  const make = async (): Promise<Auth> => {
    const { createAuth } = await import("../identity/auth.ts");
    return createAuth({
      db,
      log,
      brand,
      mailer: mail,
      publicUrl: publicUrl(),
      secret: box.secretFor("sessions"),
      signUp: () => settings.values.sign_up,
      providers: identity.providers,
      credit: new StartingCredit(db, box.secretFor("starting credits"), () => settings.values.starting_credit_usd),
      random: Math.random,
    });
  };
  const auth = (): Promise<Auth> => (made ??= make());
  const sweep = async (): Promise<void> => {
    mailFolder.sweep(Date.now());
    await sweepIdentity(db);
    await emptyDeletedAccounts(db);
  };
  const timer = setInterval(() => void sweep().catch((error: unknown) => log.warn({ error: String(error) }, "old sessions, or what deleted accounts left, could not be removed")), SWEEP_MS);
  return {
    auth,
    mail,
    mailFolder,
    publicUrl,
    sessionOf: async (headers) => (SESSION_COOKIE.test(headers.get("cookie") ?? "") ? (await auth()).sessionOf(headers) : undefined),
    stop: () => clearInterval(timer),
  };
}
