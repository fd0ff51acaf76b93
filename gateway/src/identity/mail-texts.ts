import type { Mail } from "./mailer.ts";

type Letter = Omit<Mail, "to">;

const lines = (...parts: string[]): string => `${parts.join("\n\n")}\n`;

/** Mails, as text. `brand`: how the gateway calls itself; `url`: a link that proves its reader has the address. Pure. */
export const letters = {
  confirmAddress: (brand: string, url: string): Letter => ({
    subject: `${brand}: confirm your e-mail address`,
    text: lines("Open this link to confirm that this address is yours:", url, "It is good for one hour. If you did not ask for an account, do nothing."),
  }),
  alreadyHere: (brand: string): Letter => ({
    subject: `${brand}: you have an account already`,
    text: lines(`Somebody tried to make an account at ${brand} with this address, which has one.`, "If it was you, sign in, or ask for a new password. If it was not, do nothing: nothing has changed."),
  }),
  newPassword: (brand: string, url: string): Letter => ({
    subject: `${brand}: choose a new password`,
    text: lines("Open this link to choose a new password:", url, "It is good for one hour and works once. If you did not ask for it, do nothing: your password stays as it is."),
  }),
  passwordChanged: (brand: string): Letter => ({
    subject: `${brand}: your password was changed`,
    text: lines(`The password of your account at ${brand} was changed, and all its sessions were ended.`, "If it was not you, ask for a new password at once, and tell the operator."),
  }),
  changeAddress: (brand: string, newAddress: string, url: string): Letter => ({
    subject: `${brand}: change of your e-mail address`,
    text: lines(`Your account at ${brand} is to get the address ${newAddress}. Open this link to allow it:`, url, "If you did not ask for it, do nothing, and change your password."),
  }),
  invitation: (brand: string, code: string, url: string): Letter => ({
    subject: `You are invited to ${brand}`,
    text: lines(`You are invited to make an account at ${brand}:`, url, `Your code: ${code}`),
  }),
  /** `ofOrganisation`: its name; undefined: the reader's own wallet. */
  lowBalance: (brand: string, { ofOrganisation, balanceUsd, belowUsd }: { ofOrganisation: string | undefined; balanceUsd: string; belowUsd: string }, url: string): Letter => ({
    subject: ofOrganisation === undefined ? `${brand}: your credit runs low` : `${brand}: the credit of ${ofOrganisation} runs low`,
    text: lines(`${ofOrganisation === undefined ? "Your wallet" : `The wallet of the organisation "${ofOrganisation}"`} at ${brand} holds ${balanceUsd} USD, which is less than the ${belowUsd} USD that is to be told of. Requests are refused when it is empty.`, url, "You are told again when it has been filled and falls below it once more."),
  }),
  organisation: (brand: string, name: string, code: string, url: string): Letter => ({
    subject: `${brand}: you are invited to ${name}`,
    text: lines(`You are invited to the organisation "${name}" at ${brand}:`, url, `Your code: ${code}`, "Sign in, and enter the code."),
  }),
};
