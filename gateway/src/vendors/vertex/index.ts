import { type AccountSetting, CredentialError, trimSlashes, type VendorAdapter } from "../_kit/adapter.ts";
import { classifyGoogle } from "../_kit/google-errors.ts";
import { keptQuery } from "../_kit/query.ts";
import { TokenCache } from "../_kit/token-cache.ts";
import { vertexMedia } from "./media.ts";
import { exchangeForToken, fingerprint, readServiceAccount } from "./service-account.ts";

/** The address of a region's API; `global` has none of its own. */
const hostOf = (location: string): string => (location === "global" ? "https://aiplatform.googleapis.com" : `https://${location}-aiplatform.googleapis.com`);

/** An API key of Google's, in the older and the newer form. */
const API_KEY = /^(AIza|AQ\.)[\w.-]+$/;

/** What it takes and the Gemini API does not (SDK `@google/genai`: parameters "only supported in" one of both); see dialects/gemini/target-model.ts. */
const TRAITS: ReadonlySet<string> = new Set(["domains", "labels", "flat-count"]);

/** Where models are: below project and location, where the base URL names them. */
function rootOf(baseUrl: string): string {
  const base = trimSlashes(baseUrl);
  return /\/v1(beta1)?(\/|$)/.test(base) ? base : `${base}/v1`;
}

function putCredential(headers: Record<string, string>, credential: string): void {
  if (credential.trimStart().startsWith("{")) throw new CredentialError("auth", "a service account must be exchanged for a token: use sign");
  if (API_KEY.test(credential)) headers["x-goog-api-key"] = credential;
  else headers["authorization"] = `Bearer ${credential}`;
}

/**
 * Google's models on Vertex AI. The base URL ends with project and location (`https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1`), or has none
 * of both, which is Google's express mode. The credential is a service account's JSON (exchanged for tokens), an API key, or a token that the operator renews.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
 */
export function vertexAdapter(tokens: TokenCache = new TokenCache()): VendorAdapter {
  return {
    id: "vertex",
    displayName: "Google Vertex AI",
    dialects: ["gemini"],
    modelsOf: "gemini",
    ownWay: true,
    traits: () => TRAITS,
    media: { ...vertexMedia, baseUrl: rootOf },
    defaultBaseUrl: "",
    environment: {
      keys: ["VERTEX_SERVICE_ACCOUNT", "VERTEX_API_KEY"],
      keyFiles: ["GOOGLE_APPLICATION_CREDENTIALS"],
      baseUrl: "VERTEX_BASE_URL",
      others: ["GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"],
      /** A file of Google's credentials may lie there for other programs: only a location beside it means that Vertex is wanted. */
      settle({ credential, baseUrl }, variable): AccountSetting {
        const location = variable("GOOGLE_CLOUD_LOCATION");
        if (baseUrl !== undefined) return { credential, baseUrl };
        if (location === undefined || credential === undefined) return { credential: undefined, baseUrl };
        const project = variable("GOOGLE_CLOUD_PROJECT") ?? projectOf(credential);
        return { credential, baseUrl: project === undefined ? `${hostOf(location)}/v1` : `${hostOf(location)}/v1/projects/${project}/locations/${location}` };
      },
    },
    // What a model is, told to whoever may ask (`publishers.models.get`, from memory).
    testPath: "/v1beta1/publishers/google/models/gemini-2.5-flash",

    address(baseUrl, endpoint, upstreamModel, query) {
      const base = trimSlashes(baseUrl);
      const verb = /:(\w+)$/.exec(endpoint.upstreamPath)?.[1];
      if (verb === undefined) return `${base.replace(/\/v1(beta1)?(\/.*)?$/, "")}${endpoint.upstreamPath}`;
      return `${rootOf(base)}/publishers/google/models/${encodeURIComponent(upstreamModel)}:${verb}${keptQuery(query, { alt: endpoint.stream ? ["sse", "json"] : ["json"] })}`;
    },

    /** For credentials that need no exchange. */
    authorize: putCredential,

    async sign(request, credential, services) {
      if (!credential.trimStart().startsWith("{")) return putCredential(request.headers, credential);
      const account = readServiceAccount(credential);
      const token = await tokens.get(fingerprint(credential), services.now(), () => exchangeForToken(account, services));
      putCredential(request.headers, token);
    },

    classify: classifyGoogle,
  };
}

function projectOf(credential: string): string | undefined {
  return /"project_id"\s*:\s*"([^"]+)"/.exec(credential)?.[1];
}
