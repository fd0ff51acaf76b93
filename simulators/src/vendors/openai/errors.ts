/**
 * OpenAI's errors: `{error:{message,type,param,code}}`. Texts as the API sends them (platform documentation, "Error codes").
 */
import type { Failure, Received, WholeAnswer } from "../../kit/vendor.ts";

/** The inner object of an error body. */
export interface OpenAiError {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

const SERVER_TEXT = "The server had an error while processing your request. Sorry about that!";

/** Takes a request; gives the headers every answer carries. */
export const openAiHeaders = (request: Received): Record<string, string> => ({
  "content-type": "application/json",
  "openai-version": "2020-10-01",
  "openai-organization": "org-sandbox",
  "openai-processing-ms": "12",
  "x-request-id": `req_${request.ids.hex(32)}`,
  "x-ratelimit-limit-requests": "10000",
  "x-ratelimit-remaining-requests": "9999",
});

/** Takes a request, a status and an error; gives the answer. */
export function openAiRefusal(request: Received, status: number, error: OpenAiError): WholeAnswer {
  return { kind: "whole", status, headers: openAiHeaders(request), body: JSON.stringify({ error }, null, 2) };
}

/** Takes a text and what it is about; gives a 400's error object. */
export const invalid = (message: string, param: string | null, code: string | null = null): OpenAiError => ({
  message,
  type: "invalid_request_error",
  param,
  code,
});

/** Takes a key as sent; gives the error for a key that is not accepted, masked as the API masks it. */
export function wrongKey(key: string): OpenAiError {
  const masked =
    key.length > 8
      ? `${key.slice(0, 4)}${"*".repeat(Math.min(key.length - 8, 20))}${key.slice(-4)}`
      : "*".repeat(key.length);
  return invalid(
    `Incorrect API key provided: ${masked}. You can find your API key at https://platform.openai.com/account/api-keys.`,
    null,
    "invalid_api_key",
  );
}

/** The error for a request without a key. */
export const NO_KEY = invalid(
  "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth " +
    "(i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from your " +
    "browser and are prompted for a username and password. You can obtain an API key from https://platform.openai.com/account/api-keys.",
  null,
);

const server = (message: string): OpenAiError => ({ message, type: "server_error", param: null, code: null });

function errorFor(request: Received, failure: Failure): OpenAiError {
  if (failure.kind === "no-balance")
    return {
      message:
        "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: " +
        "https://platform.openai.com/docs/guides/error-codes/api-errors.",
      type: "insufficient_quota",
      param: null,
      code: "insufficient_quota",
    };
  if (failure.kind === "bad-key" || failure.status === 401)
    return wrongKey((request.headers.get("authorization") ?? "").replace(/^Bearer\s+/i, ""));
  switch (failure.status) {
    case 402:
      return {
        message: "Your organization has run out of prepaid credit.",
        type: "insufficient_quota",
        param: null,
        code: "billing_hard_limit_reached",
      };
    case 403:
      return {
        message: "Country, region, or territory not supported",
        type: "request_forbidden",
        param: null,
        code: "unsupported_country_region_territory",
      };
    case 404:
      return invalid("The requested resource does not exist.", null, "not_found");
    case 429:
      return {
        message:
          "Rate limit reached for requests in organization org-sandbox on requests per min (RPM): Limit 3, Used 3, Requested 1. " +
          "Please try again in 20s. Visit https://platform.openai.com/account/rate-limits to learn more.",
        type: "requests",
        param: null,
        code: "rate_limit_exceeded",
      };
    case 503:
      return server("That model is currently overloaded with other requests. You can retry your request.");
    default:
      return failure.status < 500
        ? invalid("The request could not be processed.", null)
        : server(SERVER_TEXT);
  }
}

/** Takes a request and a wished failure; gives OpenAI's answer. No balance is a 429 (`insufficient_quota`). */
export function openAiFailure(request: Received, failure: Failure): WholeAnswer {
  const error = {
    ...errorFor(request, failure),
    ...(failure.message === undefined ? {} : { message: failure.message }),
  };
  const answer = openAiRefusal(request, failure.status || 429, error);
  if (failure.retryAfter !== undefined) answer.headers["retry-after"] = String(failure.retryAfter);
  return answer;
}

/** Takes a request and a failure; gives the event a running stream reports it with (the SDK reads `data.error`). */
export const openAiErrorFrame = (request: Received, failure: Failure): string =>
  `data: ${JSON.stringify({ error: { ...errorFor(request, failure), ...(failure.message === undefined ? {} : { message: failure.message }) } })}\n\n`;

/**
 * Takes a request and a failure; gives the events a running response reports it with: `error` as the SDK's type ResponseErrorEvent has it, then
 * `response.failed`.
 */
export function responseErrorFrame(request: Received, failure: Failure): string {
  const { code, type, param, message } = {
    ...errorFor(request, failure),
    ...(failure.message === undefined ? {} : { message: failure.message }),
  };
  const word = code ?? type;
  const error = { type: "error", code: word, message, param, sequence_number: 0 };
  const failed = {
    type: "response.failed",
    sequence_number: 1,
    response: { object: "response", status: "failed", output: [], error: { code: word, message }, usage: null },
  };
  return `event: error\ndata: ${JSON.stringify(error)}\n\nevent: response.failed\ndata: ${JSON.stringify(failed)}\n\n`;
}
