import { expect, test } from "bun:test";
import { VENDORS } from "./registry.ts";

/** Error bodies constructed after the vendors' documented shapes. */
const CASES: [string, number, unknown, string][] = [
  ["openai", 401, { error: { message: "Incorrect API key provided", type: "invalid_request_error", code: "invalid_api_key" } }, "auth"],
  ["openai", 429, { error: { message: "You exceeded your current quota", type: "insufficient_quota", code: "insufficient_quota" } }, "no_balance"],
  ["openai", 429, { error: { message: "Rate limit reached", type: "requests", code: "rate_limit_exceeded" } }, "rate_limited"],
  ["openai", 404, { error: { message: "The model does not exist", type: "invalid_request_error", code: "model_not_found" } }, "no_model"],
  ["openai", 400, { error: { message: "Invalid value", type: "invalid_request_error", param: "messages", code: "invalid_value" } }, "caller"],
  ["openai", 500, "<html>", "server"],
  ["anthropic", 400, { type: "error", error: { type: "invalid_request_error", message: "Your credit balance is too low to access the Anthropic API." } }, "no_balance"],
  ["anthropic", 400, { type: "error", error: { type: "invalid_request_error", message: "max_tokens: Field required" } }, "caller"],
  ["anthropic", 529, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }, "overloaded"],
  ["anthropic", 404, { type: "error", error: { type: "not_found_error", message: "model: claude-9" } }, "no_model"],
  ["gemini", 400, { error: { code: 400, message: "API key not valid. Please pass a valid API key.", status: "INVALID_ARGUMENT", details: [{ reason: "API_KEY_INVALID" }] } }, "auth"],
  ["gemini", 429, { error: { code: 429, message: "You exceeded your current quota, please check your plan and billing details.", status: "RESOURCE_EXHAUSTED" } }, "rate_limited"],
  ["gemini", 402, { error: { code: 402, message: "Payment required", status: "RESOURCE_EXHAUSTED" } }, "no_balance"],
  ["gemini", 503, { error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } }, "overloaded"],
];

test.each(CASES)("%s %d %p is %s", (vendor, status, body, kind) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  expect(VENDORS.get(vendor)?.classify(status, text).kind as string).toBe(kind);
});
