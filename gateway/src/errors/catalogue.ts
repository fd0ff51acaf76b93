/**
 * Every error the gateway can answer, once. A dialect renders it in its own body; nobody else invents a status.
 * `openaiType` and `code` are what OpenAI-style clients test, `anthropicType` what Anthropic's SDK maps to a class,
 * `geminiStatus` a google.rpc.Code name. Statuses: out of credit is 402 in every dialect, since agents stop on it.
 */
export interface ErrorKind {
  status: number;
  code: string;
  openaiType: string;
  anthropicType: string;
  geminiStatus: string;
  /** what a caller reads when nothing more precise is known */
  publicText: string;
  /** may another try (of the same request, later) succeed? false sends `x-should-retry: false` */
  retryable: boolean;
}

const kind = (
  status: number,
  code: string,
  openaiType: string,
  anthropicType: string,
  geminiStatus: string,
  publicText: string,
  retryable = false,
): ErrorKind => ({ status, code, openaiType, anthropicType, geminiStatus, publicText, retryable });

const badRequest = (code: string, text: string, status = 400): ErrorKind =>
  kind(status, code, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT", text);

export const ERROR_KINDS = {
  invalidJson: badRequest("invalid_json", "The request body is not valid JSON."),
  invalidRequest: badRequest("invalid_request", "The request is not valid."),
  missingModel: badRequest("missing_model", "The request names no model."),
  modelPrice: badRequest("model_price_error", "This model has no price yet, so it cannot be called."),
  contentPolicy: badRequest("content_policy_violation", "The request was refused by the model's content policy."),
  nestedTooDeep: badRequest("invalid_json", "The request body is nested too deeply."),
  mediaAddress: badRequest("invalid_media_url", "The media address does not lead to a public web server."),
  mediaDownload: badRequest("media_download_failed", "The media could not be downloaded from its address."),
  mediaType: badRequest("invalid_media_type", "What lies at the media address is not of a type that is accepted there."),
  mediaTooLarge: badRequest("media_too_large", "What lies at the media address is too large."),
  methodNotAllowed: badRequest("method_not_allowed", "This address does not take that method.", 405),
  requestTimeout: badRequest("request_timeout", "The request body did not arrive in time.", 408),
  upgradeRequired: badRequest("upgrade_required", "This address takes WebSocket connections only.", 426),
  unsupportedMediaType: badRequest("unsupported_media_type", "Send the body as application/json.", 415),
  unsupportedEncoding: badRequest("unsupported_content_encoding", "Send the body without content-encoding.", 415),
  threadUnsupported: badRequest("thread_unsupported_request", "Threads are kept by Anthropic for its own models only: send the whole conversation."),
  tooMuch: badRequest("too_much_asked", "The question asks for too much at once."),
  conflict: badRequest("conflict", "This is in conflict with what is there.", 409),
  tooLarge: kind(413, "request_too_large", "invalid_request_error", "request_too_large", "INVALID_ARGUMENT", "The request body is too large."),
  headersTooLarge: kind(431, "headers_too_large", "invalid_request_error", "request_too_large", "INVALID_ARGUMENT", "The request headers are too large."),
  noticeSignature: kind(401, "invalid_signature", "authentication_error", "authentication_error", "UNAUTHENTICATED", "The signature of the notice does not hold."),
  missingKey: kind(401, "invalid_api_key", "authentication_error", "authentication_error", "UNAUTHENTICATED", "No API key was sent. Send it as `Authorization: Bearer sk-...`."),
  invalidKey: kind(401, "invalid_api_key", "authentication_error", "authentication_error", "UNAUTHENTICATED", "The API key is not valid."),
  expiredKey: kind(401, "invalid_api_key", "authentication_error", "authentication_error", "UNAUTHENTICATED", "The API key has expired."),
  accessKey: kind(401, "invalid_access_key", "authentication_error", "authentication_error", "UNAUTHENTICATED", "The access key is missing or not valid."),
  signIn: kind(401, "sign_in_required", "authentication_error", "authentication_error", "UNAUTHENTICATED", "Sign in, or send the access key as `Authorization: Bearer ...`."),
  signUpClosed: kind(403, "sign_up_closed", "permission_error", "permission_error", "PERMISSION_DENIED", "No accounts can be made here."),
  invitationNeeded: kind(403, "invitation_needed", "permission_error", "permission_error", "PERMISSION_DENIED", "An account needs an invitation that is still good, for this address."),
  confirmation: kind(403, "confirmation_needed", "permission_error", "permission_error", "PERMISSION_DENIED", "Send the account's password, or sign in again and do it within an hour."),
  roleTooLow: kind(403, "role_too_low", "permission_error", "permission_error", "PERMISSION_DENIED", "The account's role does not allow this."),
  otherSite: kind(403, "cross_site_request", "permission_error", "permission_error", "PERMISSION_DENIED", "A change in a session's name must come from the gateway's own pages."),
  insufficientWallet: kind(402, "insufficient_user_quota", "insufficient_quota", "billing_error", "RESOURCE_EXHAUSTED", "The wallet does not hold enough credit for this request."),
  insufficientKey: kind(402, "pre_consume_token_quota_failed", "insufficient_quota", "billing_error", "RESOURCE_EXHAUSTED", "The API key's remaining quota is too low for this request."),
  insufficientMember: kind(402, "pre_consume_token_quota_failed", "insufficient_quota", "billing_error", "RESOURCE_EXHAUSTED", "What the organisation lets this member spend is too low for this request."),
  spendLimit: kind(402, "spend_limit_reached", "insufficient_quota", "billing_error", "RESOURCE_EXHAUSTED", "The spending limit is reached."),
  keyDisabled: kind(403, "access_denied", "permission_error", "permission_error", "PERMISSION_DENIED", "The API key is disabled."),
  userDisabled: kind(403, "access_denied", "permission_error", "permission_error", "PERMISSION_DENIED", "The account is disabled."),
  addressNotAllowed: kind(403, "access_denied", "permission_error", "permission_error", "PERMISSION_DENIED", "The API key may not be used from this address."),
  modelNotAllowed: kind(403, "access_denied", "permission_error", "permission_error", "PERMISSION_DENIED", "The API key may not use this model."),
  upstreamDenied: kind(403, "access_denied", "permission_error", "permission_error", "PERMISSION_DENIED", "The model's vendor refused the request."),
  groupDisabled: kind(403, "access_denied", "permission_error", "permission_error", "PERMISSION_DENIED", "The API key's group does not exist any more."),
  previousResponseNotFound: badRequest("previous_response_not_found", "The previous response does not exist."),
  notImplemented: kind(501, "not_implemented", "invalid_request_error", "invalid_request_error", "UNIMPLEMENTED", "This gateway does not do that."),
  notFound: kind(404, "not_found", "invalid_request_error", "not_found_error", "NOT_FOUND", "There is nothing at this address."),
  modelNotFound: kind(404, "model_not_found", "invalid_request_error", "not_found_error", "NOT_FOUND", "The model does not exist."),
  operationClosed: kind(410, "operation_closed", "invalid_request_error", "invalid_request_error", "FAILED_PRECONDITION", "The vendor has closed this operation."),
  modelRetired: kind(404, "model_not_found", "invalid_request_error", "not_found_error", "NOT_FOUND", "The model was retired by its vendor."),
  dialectMismatch: kind(400, "invalid_request", "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT", "This model does not speak this API format here."),
  rateLimited: kind(429, "rate_limit_exceeded", "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED", "Too many requests at the moment.", true),
  beyondLimit: kind(429, "rate_limit_exceeded", "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED", "The request is larger than its limit."),
  walletBusy: kind(429, "rate_limit_exceeded", "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED", "Too many requests are in flight for what the wallet holds.", true),
  paymentOff: badRequest("payment_method_off", "This way to pay is not set up here.", 404),
  paymentProof: kind(401, "invalid_signature", "authentication_error", "authentication_error", "UNAUTHENTICATED", "The notice is not signed as it must be, or it is too old."),
  callerLeft: kind(499, "client_closed_request", "invalid_request_error", "invalid_request_error", "CANCELLED", "The caller closed the connection."),
  internal: kind(500, "internal_error", "server_error", "api_error", "INTERNAL", "Something went wrong on our side.", true),
  badUpstream: kind(502, "bad_upstream_response", "server_error", "api_error", "UNAVAILABLE", "The model's vendor sent an unusable answer.", true),
  paymentService: kind(502, "payment_service_failed", "server_error", "api_error", "UNAVAILABLE", "The payment service did not do it. Try again.", true),
  upstreamCut: kind(502, "upstream_stream_cut", "server_error", "api_error", "UNAVAILABLE", "The model's vendor ended the stream before it was complete.", true),
  noChannel: kind(503, "no_available_channel", "server_error", "overloaded_error", "UNAVAILABLE", "No upstream is available for this model at the moment.", true),
  noChannelConfigured: kind(503, "no_available_channel", "server_error", "overloaded_error", "UNAVAILABLE", "No upstream is configured for this model."),
  accountsOut: kind(503, "no_available_channel", "server_error", "overloaded_error", "UNAVAILABLE", "No upstream account can serve this model until the gateway's operator has acted."),
  overloaded: kind(503, "upstream_overloaded", "server_error", "overloaded_error", "UNAVAILABLE", "The model's vendor is overloaded.", true),
  databaseDown: kind(503, "service_unavailable", "server_error", "overloaded_error", "UNAVAILABLE", "The gateway cannot take requests at the moment.", true),
  shuttingDown: kind(503, "service_unavailable", "server_error", "overloaded_error", "UNAVAILABLE", "The gateway is restarting.", true),
  upstreamTimeout: kind(504, "upstream_timeout", "server_error", "timeout_error", "DEADLINE_EXCEEDED", "The model's vendor took too long to answer.", true),
} as const satisfies Record<string, ErrorKind>;

export type ErrorName = keyof typeof ERROR_KINDS;
