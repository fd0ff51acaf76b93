import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import nodemailer from "nodemailer";
import type { MailSettings } from "../settings/identity.ts";

export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** Sends a mail; rejects when it could not be handed over. */
export type Mailer = (mail: Mail) => Promise<void>;

/** A mail server that says nothing for this long is away. */
const SMTP_MS_MAX = 15_000;

/** By SMTP where it is set up; else each mail becomes a file in `folder` that a person or a test can read. */
export function mailerOf({ smtpUrl, from }: MailSettings, folder: string): Mailer {
  if (smtpUrl !== undefined) {
    const transport = nodemailer.createTransport({ url: smtpUrl, connectionTimeout: SMTP_MS_MAX, greetingTimeout: SMTP_MS_MAX, socketTimeout: SMTP_MS_MAX });
    return async (mail) => void (await transport.sendMail({ from, ...mail }));
  }
  const composer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: "unix" });
  return async (mail) => {
    const { message } = await composer.sendMail({ from, ...mail });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // The name begins with the time: a listing is in order.
    writeFileSync(join(folder, `${Bun.randomUUIDv7()}.eml`), message as unknown as Buffer, { mode: 0o600 });
  };
}
