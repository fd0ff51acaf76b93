import { z } from "zod";
import { httpUrl } from "./kinds.ts";

/** Stripe Checkout. */
export interface StripeSettings {
  secretKey: string;
  /** what Stripe signs its events with */
  webhookSecret: string;
  /** undefined: Stripe's own address */
  apiUrl: string | undefined;
}

/** What the bank feed proves itself with; one at least. */
export interface FeedSecrets {
  key: string | undefined;
  /** of its signatures */
  secret: string | undefined;
}

/** The account that transfers go to. */
export interface BankAccount {
  /** six digits: the bank by NAPAS */
  bin: string;
  account: string;
  /** as the bank has it, without accents; empty: not shown */
  holder: string;
  feed: FeedSecrets;
}

/** Ways to pay; undefined: it is off. */
export interface PaymentSettings {
  stripe: StripeSettings | undefined;
  bank: BankAccount | undefined;
}

/** Their variables. */
export const PAYMENT_ENVIRONMENT = {
  YESCALE_STRIPE_SECRET_KEY: z.string().regex(/^(?:sk|rk)_(?:test|live)_\w+$/, "must begin with sk_test_, sk_live_, rk_test_ or rk_live_").optional(),
  YESCALE_STRIPE_WEBHOOK_SECRET: z.string().regex(/^whsec_\S{8,}$/, "must be whsec_ and what Stripe gave").optional(),
  YESCALE_STRIPE_API_URL: httpUrl.transform((url) => url.replace(/\/+$/, "")).optional(),
  YESCALE_BANK_BIN: z.string().regex(/^\d{6}$/, "must be six digits").optional(),
  YESCALE_BANK_ACCOUNT: z.string().regex(/^[0-9A-Za-z]{4,19}$/, "must be 4 to 19 digits or letters").optional(),
  YESCALE_BANK_HOLDER: z.string().max(100).optional(),
  YESCALE_SEPAY_API_KEY: z.string().regex(/^\S{16,200}$/, "must have 16 characters at least, and no spaces").optional(),
  YESCALE_SEPAY_WEBHOOK_SECRET: z.string().regex(/^\S{16,200}$/, "must have 16 characters at least, and no spaces").optional(),
};

type Environment = z.output<z.ZodObject<typeof PAYMENT_ENVIRONMENT>>;

/** Variables that make sense together only; of a list in the list any. */
export const PAYMENT_TOGETHER = [
  ["YESCALE_STRIPE_SECRET_KEY", "YESCALE_STRIPE_WEBHOOK_SECRET"],
  ["YESCALE_BANK_BIN", "YESCALE_BANK_ACCOUNT", ["YESCALE_SEPAY_WEBHOOK_SECRET", "YESCALE_SEPAY_API_KEY"]],
] as const;

export function paymentsOf(env: Environment): PaymentSettings {
  const { YESCALE_STRIPE_SECRET_KEY: secretKey, YESCALE_STRIPE_WEBHOOK_SECRET: webhookSecret, YESCALE_BANK_BIN: bin, YESCALE_BANK_ACCOUNT: account, YESCALE_SEPAY_API_KEY: key, YESCALE_SEPAY_WEBHOOK_SECRET: secret } = env;
  return {
    stripe: secretKey === undefined || webhookSecret === undefined ? undefined : { secretKey, webhookSecret, apiUrl: env.YESCALE_STRIPE_API_URL },
    bank: bin === undefined || account === undefined || (key === undefined && secret === undefined) ? undefined : { bin, account, holder: env.YESCALE_BANK_HOLDER ?? "", feed: { key, secret } },
  };
}
