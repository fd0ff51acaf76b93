import { z } from "zod";
import { dollars, httpUrl } from "./kinds.ts";

/** Who may make an account by himself: `invitation`: who has a code that an operator gave. */
export const SIGN_UP_MODES = ["open", "invitation", "closed"] as const;
export type SignUpMode = (typeof SIGN_UP_MODES)[number];

/** An account at somebody else's that people sign in with: a vendor that is known, or any server of OpenID Connect. */
export interface SignInProvider {
  id: "github" | "google" | "oidc";
  clientId: string;
  clientSecret: string;
  /** where an OpenID Connect server describes itself, `/.well-known/openid-configuration` left out */
  issuer?: string;
}

export interface MailSettings {
  /** `smtp://user:password@host:587`, `smtps://...`; undefined: mails are written into files */
  smtpUrl: string | undefined;
  from: string;
}

/** Sign-in and sign-up. */
export interface IdentitySettings {
  /** what stands before links in mails, and what passkeys belong to; undefined: the address the gateway listens on */
  publicUrl: string | undefined;
  signUp: SignUpMode;
  /** exact dollars that an account gets once, when its address has been confirmed */
  startingCreditUsd: string;
  mail: MailSettings;
  providers: readonly SignInProvider[];
}

/** Its variables. */
export const IDENTITY_ENVIRONMENT = {
  YESCALE_PUBLIC_URL: httpUrl.refine((text) => !URL.canParse(text) || (new URL(text).pathname === "/" && new URL(text).search === ""), "must be an address without a path").optional(),
  YESCALE_SIGN_UP: z.enum(SIGN_UP_MODES, "must be open, invitation or closed").default("closed"),
  YESCALE_STARTING_CREDIT_USD: dollars.default("1"),
  YESCALE_SMTP_URL: z.string().refine((text) => /^smtps?:\/\/[^\s]+$/.test(text) && URL.canParse(text), "must begin with smtp:// or smtps://").optional(),
  YESCALE_MAIL_FROM: z.string().regex(/^[^\r\n]*[^\s@]+@[^\s@]+$|^[^\r\n<]*<[^\s@<>]+@[^\s@<>]+>$/, "must be an e-mail address").default("YEScale <yescale@localhost>"),
  YESCALE_GITHUB_CLIENT_ID: z.string().optional(),
  YESCALE_GITHUB_CLIENT_SECRET: z.string().optional(),
  YESCALE_GOOGLE_CLIENT_ID: z.string().optional(),
  YESCALE_GOOGLE_CLIENT_SECRET: z.string().optional(),
  YESCALE_OIDC_ISSUER: httpUrl.optional(),
  YESCALE_OIDC_CLIENT_ID: z.string().optional(),
  YESCALE_OIDC_CLIENT_SECRET: z.string().optional(),
};

type Environment = z.output<z.ZodObject<typeof IDENTITY_ENVIRONMENT>>;

/** Variables that make sense together only. */
export const IDENTITY_TOGETHER = [
  ["YESCALE_GITHUB_CLIENT_ID", "YESCALE_GITHUB_CLIENT_SECRET"],
  ["YESCALE_GOOGLE_CLIENT_ID", "YESCALE_GOOGLE_CLIENT_SECRET"],
  ["YESCALE_OIDC_ISSUER", "YESCALE_OIDC_CLIENT_ID", "YESCALE_OIDC_CLIENT_SECRET"],
] as const;

export function identityOf(env: Environment): IdentitySettings {
  const provider = (id: SignInProvider["id"], clientId: string | undefined, clientSecret: string | undefined, issuer?: string): SignInProvider[] =>
    clientId === undefined || clientSecret === undefined ? [] : [{ id, clientId, clientSecret, ...(issuer === undefined ? {} : { issuer }) }];
  return {
    publicUrl: env.YESCALE_PUBLIC_URL === undefined ? undefined : new URL(env.YESCALE_PUBLIC_URL).origin,
    signUp: env.YESCALE_SIGN_UP,
    startingCreditUsd: env.YESCALE_STARTING_CREDIT_USD,
    mail: { smtpUrl: env.YESCALE_SMTP_URL, from: env.YESCALE_MAIL_FROM },
    providers: [
      ...provider("github", env.YESCALE_GITHUB_CLIENT_ID, env.YESCALE_GITHUB_CLIENT_SECRET),
      ...provider("google", env.YESCALE_GOOGLE_CLIENT_ID, env.YESCALE_GOOGLE_CLIENT_SECRET),
      ...provider("oidc", env.YESCALE_OIDC_CLIENT_ID, env.YESCALE_OIDC_CLIENT_SECRET, env.YESCALE_OIDC_ISSUER),
    ],
  };
}
