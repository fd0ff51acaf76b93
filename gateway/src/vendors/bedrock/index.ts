import { type AccountSetting, CredentialError, errorMessage, errorObject, faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter } from "../_kit/adapter.ts";
import { signV4 } from "./sign.ts";

/** The region in a host of AWS: `bedrock-runtime.us-east-1.amazonaws.com`, `bedrock-runtime-fips.…`, `vpce-….bedrock-runtime.us-east-1.vpce.amazonaws.com`. */
const REGION_IN_HOST = /(?:^|\.)bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\./;
const DEFAULT_REGION = "us-east-1";
/** What stands before a model's name in a profile over several regions. */
const REGIONS = /^(?:us-gov|us|eu|apac|jp|au|ca|sa|global)\./;

/** Whole beginnings of AWS's texts (the error's type stands in a header, which is not seen here). https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html */
const SENTENCES: readonly (readonly [number, RegExp, UpstreamFault["kind"]])[] = [
  [403, /^The security token included in the request is (invalid|expired)/, "auth"],
  [403, /^The request signature we calculated does not match/, "auth"],
  [403, /^Signature expired|^(Invalid|Missing) Authentication Token|^Invalid API Key format|^Authentication failed/i, "auth"],
  [403, /^You don't have access to the model with the specified model ID/, "no_model"],
  [403, /^Model access is denied/, "no_model"],
  [400, /^The provided model identifier is invalid/, "no_model"],
  [400, /^Invocation of model ID \S+ with on-demand throughput isn.t supported/, "no_model"],
  [400, /^The provided model doesn.t support counting tokens/, "no_model"],
  [400, /^Operation not allowed$/, "denied"],
  [404, /^(This model version has reached the end of its life|The model|Could not resolve the foundation model)/, "no_model"],
  [429, /^Too many tokens per day/, "rate_limited"],
];

/**
 * AWS Bedrock's Converse. The credential is `accessKeyId:secretAccessKey`, with `:sessionToken` behind it where there is one (requests are signed, AWS Signature Version 4), or an API
 * key of Bedrock's. The region stands in the base URL's host; for any other host it comes fourth in the credential (`id:secret::eu-west-1`).
 */
export const bedrock: VendorAdapter = {
  id: "bedrock",
  displayName: "AWS Bedrock",
  dialects: ["bedrock-converse"],
  defaultBaseUrl: "",
  environment: {
    keys: ["AWS_BEARER_TOKEN_BEDROCK"],
    baseUrl: "BEDROCK_BASE_URL",
    others: ["BEDROCK_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"],
    /** Keys of AWS lie in many environments for other reasons: they are used when BEDROCK_REGION or BEDROCK_BASE_URL says that Bedrock is wanted. */
    settle({ credential, baseUrl }, variable): AccountSetting {
      const [id, secret, token] = [variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"), variable("AWS_SESSION_TOKEN")];
      const region = variable("BEDROCK_REGION") ?? (credential === undefined ? undefined : variable("AWS_REGION"));
      const address = baseUrl ?? (region === undefined ? undefined : `https://bedrock-runtime.${region}.amazonaws.com`);
      if (credential !== undefined) return { credential, baseUrl: address };
      if (address === undefined || id === undefined || secret === undefined) return { credential: undefined, baseUrl };
      return { credential: [id, secret, ...(token === undefined ? [] : [token])].join(":"), baseUrl: address };
    },
  },
  // Asynchronous jobs of the account: the only list of this API, and free.
  testPath: "/async-invoke",

  address(baseUrl, endpoint, upstreamModel) {
    // Counted are models themselves and not their profiles over regions, which all newer ones are asked by (pydantic-ai#3367).
    const model = endpoint.upstreamPath.endsWith("/count-tokens") ? upstreamModel.replace(REGIONS, "") : upstreamModel;
    return `${trimSlashes(baseUrl)}${endpoint.upstreamPath.replace("{model}", encodeURIComponent(model))}`;
  },

  /** For an API key; pairs of keys need `sign`. */
  authorize(headers, credential) {
    if (credential.includes(":")) throw new CredentialError("auth", "requests with a pair of keys must be signed: use sign");
    headers["authorization"] = `Bearer ${credential}`;
  },

  async sign(request, credential, services) {
    if (!credential.includes(":")) return bedrock.authorize(request.headers, credential);
    const [accessKeyId = "", secretAccessKey = "", sessionToken, told] = credential.split(":");
    if (accessKeyId === "" || secretAccessKey === "") throw new CredentialError("auth", "the credential must be accessKeyId:secretAccessKey[:sessionToken]");
    const region = REGION_IN_HOST.exec(new URL(request.url).hostname)?.[1] ?? (told || DEFAULT_REGION);
    Object.assign(request.headers, await signV4(request, { accessKeyId, secretAccessKey, sessionToken: sessionToken || undefined, region, service: "bedrock" }, services.now()));
  },

  classify(status, body): UpstreamFault {
    const error = errorObject(body);
    const text = typeof error["Message"] === "string" ? error["Message"] : errorMessage(error, body);
    const told = SENTENCES.find(([of, beginning]) => of === status && beginning.test(text));
    if (told) return { kind: told[2], text };
    // 424: the model failed; 404 without the words above names a resource of the caller's choosing.
    if (status === 424) return { kind: "server", text };
    return { kind: status === 404 ? "caller" : faultByStatus(status), text };
  },
};
