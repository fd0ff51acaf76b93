import { AUDIT_ROUTES } from "./admin/audit.ts";
import { CATALOG_ROUTES } from "./admin/catalog.ts";
import { CHANNEL_ROUTES } from "./admin/channels.ts";
import { CODE_ADMIN_ROUTES } from "./admin/codes.ts";
import { IMPORT_ROUTES } from "./admin/import.ts";
import { LOG_ADMIN_ROUTES } from "./admin/logs.ts";
import { ORDER_ADMIN_ROUTES } from "./admin/orders.ts";
import { REPORT_ROUTES } from "./admin/reports.ts";
import { TASK_ADMIN_ROUTES } from "./admin/tasks.ts";
import { USER_ADMIN_ROUTES } from "./admin/users.ts";
import { PUBLIC_ROUTES, SETTINGS_ROUTES } from "./admin/settings.ts";
import { ACCOUNT_ROUTES } from "./account.ts";
import { AUTH_ROUTES } from "./auth.ts";
import { BILLING_ROUTES, FAMILY_ROUTES } from "./compatible.ts";
import { LIMIT_ROUTES } from "./limits.ts";
import { MCP_ROUTES } from "./mcp.ts";
import { ORGANISATION_ROUTES } from "./organisations.ts";
import { PRICING_ROUTES } from "./pricing.ts";
import { PAYMENT_ROUTES, PAYMENT_WEBHOOK_ROUTES } from "./payments.ts";
import { BALANCE_NOTICE_ROUTES } from "./balance-notice.ts";
import { REDEMPTION_ROUTES } from "./redemption.ts";
import type { ApiRoute } from "./route.ts";
import { SYSTEM_ROUTES } from "./system.ts";
import { USAGE_ROUTES } from "./usage.ts";

/** Every address of the management APIs. */
export const API_ROUTES: readonly ApiRoute[] = [
  PUBLIC_ROUTES,
  AUTH_ROUTES,
  ACCOUNT_ROUTES,
  ORGANISATION_ROUTES,
  SYSTEM_ROUTES,
  BILLING_ROUTES,
  FAMILY_ROUTES,
  USAGE_ROUTES,
  LIMIT_ROUTES,
  PRICING_ROUTES,
  AUDIT_ROUTES,
  SETTINGS_ROUTES,
  USER_ADMIN_ROUTES,
  CHANNEL_ROUTES,
  REPORT_ROUTES,
  LOG_ADMIN_ROUTES,
  TASK_ADMIN_ROUTES,
  CATALOG_ROUTES,
  CODE_ADMIN_ROUTES,
  REDEMPTION_ROUTES,
  BALANCE_NOTICE_ROUTES,
  PAYMENT_ROUTES,
  PAYMENT_WEBHOOK_ROUTES,
  ORDER_ADMIN_ROUTES,
  MCP_ROUTES,
  IMPORT_ROUTES,
].flatMap((group) => Object.values<ApiRoute>(group));
