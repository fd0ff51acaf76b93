import { trimSlashes, type VendorAdapter } from "../_kit/adapter.ts";
import { bearer } from "../_kit/openai-api.ts";
import { TokenCache } from "../_kit/token-cache.ts";
import { klingFault } from "./errors.ts";
import { klingMedia } from "./media.ts";
import { klingToken } from "./token.ts";

/** Kling: https://app.klingai.com/global/dev/document-api. The credential is an API key, or `accessKey|secretKey`, of which tokens are made. */
export function klingAdapter(tokens: TokenCache = new TokenCache()): VendorAdapter {
  return {
    id: "kling",
    displayName: "Kling",
    dialects: [],
    media: klingMedia,
    defaultBaseUrl: "https://api-singapore.klingai.com",
    environment: {
      keys: ["KLING_API_KEY"],
      baseUrl: "KLING_BASE_URL",
      others: ["KLING_ACCESS_KEY", "KLING_SECRET_KEY"],
      settle({ credential, baseUrl }, variable) {
        const [access, secret] = [variable("KLING_ACCESS_KEY"), variable("KLING_SECRET_KEY")];
        return { credential: credential ?? (access !== undefined && secret !== undefined ? `${access}|${secret}` : undefined), baseUrl };
      },
    },
    testPath: "/v1/videos/text2video?pageNum=1&pageSize=1",

    address: (baseUrl, endpoint) => `${trimSlashes(baseUrl)}${endpoint.upstreamPath}`,

    /** For API keys. */
    authorize: bearer,

    async sign(request, credential, services) {
      bearer(request.headers, await klingToken(credential, services.now(), tokens));
    },

    classify: klingFault,
  };
}
