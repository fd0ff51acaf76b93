/**
 * Requests that work as they stand on a gateway whose vendors are simulated, by method and path as the document writes them; a test sends each with the least credential that its address takes, in this order, and wants a 200.
 * `{key.data.id}` is a member of the answer to the example named `key`; the document shows a number in its place.
 */
export interface Example {
  /** by which later ones refer to its answer */
  name?: string;
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  body?: unknown;
}

const TEXT = "Say hello";
const SAID = [{ role: "user", content: TEXT }];
const CONTENTS = [{ role: "user", parts: [{ text: TEXT }] }];
const GEMINI = { model: "gemini-2.5-flash" };
const EMBEDDING = { model: "gemini-embedding-001" };

/** Of addresses that pass to vendors; a spelling without `/v1` has the same. */
const MODEL_EXAMPLES: Readonly<Record<string, Example>> = {
  "post /v1/chat/completions": { body: { model: "gpt-4.1-mini", messages: SAID } },
  "post /v1/responses": { body: { model: "gpt-4.1-mini", input: TEXT } },
  "post /v1/responses/input_tokens": { body: { model: "gpt-4.1-mini", input: TEXT } },
  "post /v1/completions": { body: { model: "gpt-3.5-turbo-instruct", prompt: TEXT, max_tokens: 50 } },
  "post /v1/embeddings": { body: { model: "text-embedding-3-small", input: TEXT } },
  "post /v1/engines/{model}/embeddings": { params: { model: "text-embedding-3-small" }, body: { input: TEXT } },
  "post /v1/moderations": { body: { model: "omni-moderation-latest", input: TEXT } },
  "post /v1/rerank": { body: { model: "rerank-v3.5", query: "a stone", documents: ["a red stone", "a tree"] } },
  "post /v2/rerank": { body: { model: "rerank-v3.5", query: "a stone", documents: ["a red stone", "a tree"] } },
  "post /v1/audio/speech": { body: { model: "tts-1", voice: "alloy", input: TEXT } },
  "post /v1/images/generations": { body: { model: "gpt-image-1", prompt: "a red stone", quality: "low" } },
  "post /v1/messages": { body: { model: "claude-sonnet-4-5", max_tokens: 100, messages: SAID } },
  "post /v1/messages/count_tokens": { body: { model: "claude-sonnet-4-5", messages: SAID } },
  ...Object.fromEntries(
    ["v1beta", "v1"].flatMap((version): [string, Example][] => [
      [`post /${version}/models/{model}:generateContent`, { params: GEMINI, body: { contents: CONTENTS } }],
      [`post /${version}/models/{model}:streamGenerateContent`, { params: GEMINI, body: { contents: CONTENTS } }],
      [`post /${version}/models/{model}:countTokens`, { params: GEMINI, body: { contents: CONTENTS } }],
      [`post /${version}/models/{model}:embedContent`, { params: EMBEDDING, body: { content: { parts: [{ text: TEXT }] } } }],
      [`post /${version}/models/{model}:batchEmbedContents`, { params: EMBEDDING, body: { requests: [{ model: "models/gemini-embedding-001", content: { parts: [{ text: TEXT }] } }] } }],
    ]),
  ),
};

/** Of the management APIs. */
const API_EXAMPLES: Readonly<Record<string, Example>> = {
  "get /yescale/user": {},
  "post /yescale/createkey": { name: "key", body: { name: "my key", remain_quota: 500_000, group: "default", model_limits_enabled: true, model_limits: "gpt-4.1-mini,claude-sonnet-4-5" } },
  "get /yescale/apikeylist": { query: { keyword: "my" } },
  "put /yescale/editkey/{key_id}": { params: { key_id: "{key.data.id}" }, body: { name: "renamed", status: 1 } },
  "put /yescale/editquota/{key_id}": { params: { key_id: "{key.data.id}" }, body: { remain_quota: 50_000_000 } },
  "put /yescale/keylimits/{key_id}": { params: { key_id: "{key.data.id}" }, body: { requests_per_minute: 60, usd_per_day: "5" } },
  "put /yescale/keycapture/{key_id}": { params: { key_id: "{key.data.id}" }, body: { days: 7 } },
  "get /yescale/logs": { query: { p: "1", page_size: "20", type: "2" } },
  "get /yescale/task": { query: { start_timestamp: "1790000000", end_timestamp: "1790086400" } },
  "get /yescale/usage": { query: { span: "day", by: "model,key" } },
  "delete /yescale/deletekey/{key_id}": { params: { key_id: "{key.data.id}" } },
  "post /api/token": { name: "familyKey", body: { name: "another", unlimited_quota: true, expired_time: -1 } },
  "get /api/token": { query: { p: "1", page_size: "20" } },
  "put /api/token": { body: { id: "{familyKey.data.id}", name: "another name" } },
  "post /api/token/batch": { body: { ids: ["{familyKey.data.id}"] } },
  "get /api/log/self": { query: { p: "1", page_size: "20" } },
  "patch /api/account": { body: { display_name: "Ada" } },
  "get /api/account/ledger": { query: { limit: "20" } },
  "put /api/account/balance-notice": { body: { below_usd: "5", by_mail: true } },
  "post /api/account/organisations": { name: "organisation", body: { name: "Ours" } },
  "put /api/account/organisations/{id}/balance-notice": { params: { id: "{organisation.id}" }, body: { below_usd: "5", by_mail: true } },
  "post /api/account/organisations/{id}/deposit": { params: { id: "{organisation.id}" }, body: { usd: "1" } },
  "post /api/account/organisations/{id}/keys": { params: { id: "{organisation.id}" }, body: { name: "of ours" } },
  "patch /api/account/organisations/{id}": { params: { id: "{organisation.id}" }, body: { name: "Still ours" } },
  "post /mcp": { body: { jsonrpc: "2.0", id: 1, method: "tools/list" } },
  "post /api/admin/users": { name: "user", body: { username: "grace", role: 1 } },
  "patch /api/admin/users/{id}": { params: { id: "{user.id}" }, body: { display_name: "Grace" } },
  "post /api/admin/users/{id}/credit": { params: { id: "{user.id}" }, body: { usd: "12.5", reason: "paid by invoice 7", ref: "invoice-7" } },
  "post /api/admin/users/{id}/reset": { params: { id: "{user.id}" }, body: { what: "access_key" } },
  "post /api/admin/channels": { name: "channel", body: { name: "local", vendor: "openai", base_url: "http://127.0.0.1:8000/v1", credentials: ["none"], models: ["gpt-4.1-mini"], enabled: false } },
  "patch /api/admin/channels/{id}": { params: { id: "{channel.id}" }, body: { priority: 10, weight: 2 } },
  "post /api/admin/channels/{id}/credentials": { params: { id: "{channel.id}" }, body: { credential: "sk-another" } },
  "post /api/admin/channels/bulk": { body: { ids: ["{channel.id}"], action: "delete" } },
  "put /api/admin/limits/{scope}/{subject}": { params: { scope: "user", subject: "*" }, body: { requests_per_minute: 600 } },
  "put /api/admin/groups/{name}": { params: { name: "vip" }, body: { ratio: "0.8", description: "For those who buy much" } },
  "put /api/admin/models/{name}": { params: { name: "gpt-4.1-mini" }, body: { prices: { input: "0.4", output: "1.6", cacheRead: "0.1" } } },
  "post /api/admin/announcements": { name: "announcement", body: { title: "Upkeep on Sunday", text: "From 02:00 to 03:00 UTC.", level: "info" } },
  "put /api/admin/announcements/{id}": { params: { id: "{announcement.id}" }, body: { title: "Upkeep on Monday", text: "From 02:00 to 03:00 UTC.", level: "info" } },
  "post /api/admin/invitations": { body: { note: "for Ada", days: 14 } },
  "post /api/admin/code-batches": { name: "batch", body: { name: "autumn", count: 3, usd: "5", expires_at: null } },
  "patch /api/admin/code-batches/{id}": { params: { id: "{batch.batch.id}" }, body: { name: "winter" } },
  "patch /api/admin/settings": { body: { system_name: "YEScale" } },
};

/** The number that the document shows where another answer says which. */
const SHOWN_ID = 7;

/** Every example, in the order in which they work. */
export const EXAMPLES: readonly (Example & { address: string })[] = Object.entries({ ...MODEL_EXAMPLES, ...API_EXAMPLES }).map(([address, example]) => ({ address, ...example }));

const BY_ADDRESS = new Map(EXAMPLES.map((example) => [example.address, example]));
/** What stands in an example, with `of` in the place of each reference. */
export const filled = <Value>(value: Value, of: (reference: string) => unknown): Value =>
  JSON.parse(JSON.stringify(value), (_name, member: unknown) => (typeof member === "string" && /^\{[\w.]+\}$/.test(member) ? of(member.slice(1, -1)) : member)) as Value;

/** The example of an address as the document shows it; of a spelling without `/v1` the same. */
export function exampleOf(method: string, path: string): Example {
  const { params, query, body } = BY_ADDRESS.get(`${method} ${path}`) ?? BY_ADDRESS.get(`${method} /v1${path}`) ?? {};
  const shown = <Value>(value: Value): Value => filled(value, () => SHOWN_ID);
  return { ...(params ? { params: shown(params) } : {}), ...(query ? { query } : {}), ...(body === undefined ? {} : { body: shown(body) }) };
}

/** The example of a JSON body. */
export const exampleBody = (method: string, path: string): { example?: unknown } => {
  const { body } = exampleOf(method, path);
  return body === undefined ? {} : { example: body };
};
