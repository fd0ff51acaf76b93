import {
  type ApiGroup,
  ACCOUNT_ROUTES,
  AUDIT_ROUTES,
  AUTH_ROUTES,
  BILLING_ROUTES,
  CATALOG_ROUTES,
  CHANNEL_ROUTES,
  CODE_ADMIN_ROUTES,
  FAMILY_ROUTES,
  IMPORT_ROUTES,
  LIMIT_ROUTES,
  LOG_ADMIN_ROUTES,
  MCP_ROUTES,
  ORDER_ADMIN_ROUTES,
  ORGANISATION_ROUTES,
  PAYMENT_ROUTES,
  PAYMENT_WEBHOOK_ROUTES,
  PRICING_ROUTES,
  PUBLIC_ROUTES,
  REDEMPTION_ROUTES,
  BALANCE_NOTICE_ROUTES,
  REPORT_ROUTES,
  SETTINGS_ROUTES,
  SYSTEM_ROUTES,
  TASK_ADMIN_ROUTES,
  USAGE_ROUTES,
  USER_ADMIN_ROUTES,
} from "@yescale/contract";
import { auditHandlers } from "../admin/audit.ts";
import { catalogHandlers } from "../admin/catalog.ts";
import { codeAdminHandlers } from "../admin/codes-api.ts";
import { orderAdminHandlers } from "../admin/orders-api.ts";
import { paymentHandlers } from "../account/payments-api.ts";
import { paymentWebhookHandlers } from "../payments/webhooks-api.ts";
import { importHandlers } from "../admin/import-api.ts";
import { balanceNoticeHandlers } from "../account/balance-notice-api.ts";
import { limitHandlers } from "../limits/limits-api.ts";
import { pricingHandlers } from "../pricing/pricing-api.ts";
import { accountHandlers } from "../account/account-api.ts";
import { redemptionHandlers } from "../account/redemption-api.ts";
import { organisationHandlers } from "../account/organisations-api.ts";
import { logAdminHandlers } from "../admin/logs-api.ts";
import { userAdminHandlers } from "../admin/users-api.ts";
import { channelHandlers } from "../admin/channels-api.ts";
import { reportHandlers } from "../admin/reports-api.ts";
import { taskAdminHandlers } from "../admin/tasks-api.ts";
import { settingsHandlers } from "../admin/settings-api.ts";
import { publicHandlers } from "../compatible/public-api.ts";
import { authHandlers } from "../auth/auth-api.ts";
import { mcpHandlers } from "../mcp/mcp-api.ts";
import { billingHandlers } from "../compatible/billing-api.ts";
import { familyHandlers } from "../compatible/family-api.ts";
import { systemHandlers } from "../system/system-api.ts";
import { usageHandlers } from "../usage/usage-api.ts";
import type { Api } from "./api.ts";
import type { Handlers } from "./handler.ts";
import type { ApiServices } from "./services.ts";

const group = <Group extends ApiGroup>(routes: Group, handlers: Handlers<Group>): [ApiGroup, Readonly<Record<string, unknown>>] => [routes, handlers];

/** Every group of the contract with its handlers. `fetch`: the API that is made of them, for what asks it in a caller's name. */
export const handlerGroups = (services: ApiServices, fetch: Api["fetch"]): [ApiGroup, Readonly<Record<string, unknown>>][] => [
  group(PUBLIC_ROUTES, publicHandlers(services)),
  group(USER_ADMIN_ROUTES, userAdminHandlers(services)),
  group(CHANNEL_ROUTES, channelHandlers(services)),
  group(REPORT_ROUTES, reportHandlers(services)),
  group(LOG_ADMIN_ROUTES, logAdminHandlers(services)),
  group(TASK_ADMIN_ROUTES, taskAdminHandlers(services)),
  group(SETTINGS_ROUTES, settingsHandlers(services)),
  group(AUTH_ROUTES, authHandlers(services)),
  group(ACCOUNT_ROUTES, accountHandlers(services)),
  group(ORGANISATION_ROUTES, organisationHandlers(services)),
  group(SYSTEM_ROUTES, systemHandlers(services)),
  group(BILLING_ROUTES, billingHandlers(services)),
  group(FAMILY_ROUTES, familyHandlers(services)),
  group(USAGE_ROUTES, usageHandlers(services)),
  group(LIMIT_ROUTES, limitHandlers(services)),
  group(PRICING_ROUTES, pricingHandlers(services)),
  group(AUDIT_ROUTES, auditHandlers(services)),
  group(CATALOG_ROUTES, catalogHandlers(services)),
  group(CODE_ADMIN_ROUTES, codeAdminHandlers(services)),
  group(PAYMENT_ROUTES, paymentHandlers(services)),
  group(PAYMENT_WEBHOOK_ROUTES, paymentWebhookHandlers(services)),
  group(ORDER_ADMIN_ROUTES, orderAdminHandlers(services)),
  group(IMPORT_ROUTES, importHandlers(services)),
  group(BALANCE_NOTICE_ROUTES, balanceNoticeHandlers(services)),
  group(REDEMPTION_ROUTES, redemptionHandlers(services)),
  group(MCP_ROUTES, mcpHandlers(services, fetch)),
];
