import type { PUBLIC_ROUTES } from "@yescale/contract";
import { NANO_PER_QUOTA, NANO_PER_USD } from "../../catalog/money.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";

/** What everybody may know. */
export function publicHandlers({ settings, clock, publicUrl, version, providers }: ApiServices): Handlers<typeof PUBLIC_ROUTES> {
  const startedAt = Math.floor(clock.now() / 1000);
  const said = (data: string) => ({ success: true, message: "", data });
  return {
    status() {
      const { system_name, logo, top_up_link, chat_link, sign_up, starting_credit_usd } = settings.values;
      const data = {
        version,
        start_time: startedAt,
        system_name,
        logo,
        server_address: publicUrl(),
        quota_per_unit: Number(NANO_PER_USD / NANO_PER_QUOTA),
        display_in_currency: true,
        top_up_link,
        chat_link,
        register_enabled: sign_up !== "closed",
        email_verification: true,
        github_oauth: providers.includes("github"),
        google_oauth: providers.includes("google"),
        oidc_enabled: providers.includes("oidc"),
        passkey_login: true,
        starting_credit_usd,
        announcements: settings.announced(clock.now()).map(({ id, title, text, level, starts_at }) => ({ id: Number(id), title, content: text, type: level, publishDate: starts_at.toISOString() })),
      };
      return { success: true, message: "", data };
    },
    notice: () => said(settings.values.notice),
    about: () => said(settings.values.about),
    home: () => said(settings.values.home_page_content),
  };
}
