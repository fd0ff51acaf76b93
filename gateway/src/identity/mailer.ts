import nodemailer from "nodemailer";
import type { MailSettings } from "../settings/identity.ts";
import type { MailFolder } from "./mail-folder.ts";

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
export function mailerOf({ smtpUrl, from }: MailSettings, folder: MailFolder): Mailer {
  if (smtpUrl !== undefined) {
    const transport = nodemailer.createTransport({ url: smtpUrl, connectionTimeout: SMTP_MS_MAX, greetingTimeout: SMTP_MS_MAX, socketTimeout: SMTP_MS_MAX });
    return async (mail) => void (await transport.sendMail({ from, ...mail }));
  }
  const composer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: "unix" });
  return async (mail) => {
    const { message } = await composer.sendMail({ from, ...mail });
    folder.add(mail.to, message as unknown as Buffer);
  };
}
