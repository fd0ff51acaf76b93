import type { AccountSetting, FaultKind, VendorAdapter } from "../_kit/adapter.ts";
import { trimSlashes } from "../_kit/adapter.ts";
import { classifyOpenAI, OPENAI_CODES } from "../_kit/openai-api.ts";
import { openaiModelTraits, openaiTranslated } from "../_kit/openai-models.ts";
import { table } from "../../table.ts";

/** https://learn.microsoft.com/azure/ai-foundry/openai/how-to/quota and /concepts/content-filter; the statuses' own codes are texts such as "401". From memory. */
const CODES: Readonly<Record<string, FaultKind>> = table({
  ...OPENAI_CODES,
  DeploymentNotFound: "no_model",
  OperationNotSupported: "no_model",
  unavailable_model: "no_model",
  // What the prompt or the answer holds: the caller's. Azure's own filter, and that of the model behind it.
  content_filter: "caller",
  content_policy_violation: "caller",
  responsibleaipolicyviolation: "caller",
  ResponsibleAIPolicyViolation: "caller",
  AccessDenied: "auth",
  PermissionDenied: "auth",
  SubscriptionNotFound: "auth",
  no_capacity: "overloaded",
  NoCapacity: "overloaded",
  // "Resource not found": the route.
  "404": "no_model",
  "429": "rate_limited",
  TooManyRequests: "rate_limited",
});

/**
 * OpenAI's models on Azure. A base URL with `?api-version=` asks the older way, where each deployment has a path of its own
 * (`/openai/deployments/{deployment}/chat/completions`); without, the versionless `/openai/v1/`, where the body names the deployment. A deployment is called as the model
 * unless the channel's `modelMapping` says otherwise. https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 */
export const azure: VendorAdapter = {
  id: "azure",
  displayName: "Azure OpenAI",
  dialects: ["openai-chat", "openai-responses"],
  modelsOf: "openai",
  traits: openaiModelTraits,
  translated: openaiTranslated,
  defaultBaseUrl: "",
  environment: {
    keys: ["AZURE_OPENAI_API_KEY"],
    baseUrl: "AZURE_OPENAI_ENDPOINT",
    others: ["OPENAI_API_VERSION"],
    /** The names are those of the `openai` SDK's AzureOpenAI client. */
    settle({ credential, baseUrl }, variable): AccountSetting {
      const version = variable("OPENAI_API_VERSION");
      if (baseUrl === undefined || version === undefined || !URL.canParse(baseUrl)) return { credential, baseUrl };
      const url = new URL(baseUrl);
      if (!url.searchParams.has("api-version")) url.searchParams.set("api-version", version);
      return { credential, baseUrl: url.href };
    },
  },
  testPath: "/models",

  address(baseUrl, endpoint, upstreamModel) {
    const [base = "", query = ""] = baseUrl.split("?", 2);
    const root = trimSlashes(base).replace(/\/openai(\/v1)?$/, "");
    const version = new URLSearchParams(query).get("api-version");
    if (version === null) return `${root}/openai/v1${endpoint.upstreamPath}`;
    const asked = `?api-version=${encodeURIComponent(version)}`;
    // Responses, their counter and lists have no deployment in their path (`openai` SDK: azure.ts, _deployments_endpoints).
    const deployed = upstreamModel !== "" && !endpoint.upstreamPath.startsWith("/responses");
    return `${root}/openai${deployed ? `/deployments/${encodeURIComponent(upstreamModel)}` : ""}${endpoint.upstreamPath}${asked}`;
  },

  /** A key is a header of its own; a token of Microsoft Entra ID (a JWT, which the operator renews) is a bearer's. */
  authorize(headers, credential) {
    if (/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(credential)) headers["authorization"] = `Bearer ${credential}`;
    else headers["api-key"] = credential;
  },

  classify: (status, body) => classifyOpenAI(status, body, { codes: CODES }),
};
