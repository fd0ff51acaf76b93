import { z } from "zod";
import type { Model, PricedGroup } from "../../catalog/index.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Ask } from "./ask.ts";
import { modelDocument, taskConfig } from "./model-document.ts";
import { SNIPPETS, type SnippetName, snippet } from "./snippets.ts";
import { table } from "../../table.ts";

/** What a tool works with. */
export interface ToolSources {
  ask: Ask;
  /** a model by any of its names, if some key of the account could call it or its vendor has retired it */
  model: (name: string) => { model: Model; address: string; groups: readonly PricedGroup[] } | undefined;
  /** the gateway's own origin */
  origin: string;
}

export interface Tool<Input extends z.ZodObject = z.ZodObject> {
  title: string;
  description: string;
  input: Input;
  /** Gives text, or what is shown as JSON. Throws GatewayError. */
  run: (input: z.output<Input>, sources: ToolSources) => Promise<string | Record<string, unknown>>;
}

/** Rows that a conversation has room for. */
const ROWS_MAX = 100;
const ROWS_DEFAULT = 20;
const MODELS_MAX = 500;
const MODELS_DEFAULT = 50;
const TEXT_LENGTH_MAX = 200;
/** The year 9999. */
const SECONDS_MAX = 253_402_300_799;

const text = z.string().max(TEXT_LENGTH_MAX);
const seconds = z.int().min(0).max(SECONDS_MAX);
const times = { start_timestamp: seconds.optional().describe("Unix seconds"), end_timestamp: seconds.optional().describe("Unix seconds") };
const paged = { page: z.int().min(1).default(1), limit: z.int().min(1).max(ROWS_MAX).default(ROWS_DEFAULT) };
const modelName = text.min(1).describe("a model's name, such as gpt-4.1-mini");

const tool = <Input extends z.ZodObject>(about: Tool<Input>): Tool => about as unknown as Tool;

interface Listed {
  model_name: string;
  provider_name: string;
  category: string;
  is_deprecation: number;
}

function known(name: string, { model }: ToolSources): NonNullable<ReturnType<ToolSources["model"]>> {
  const found = model(name);
  if (!found) throw new GatewayError("invalidRequest", { publicText: `There is no model "${name}". yescale_list_models finds models by a part of their names.` });
  return found;
}

/** The tools by their names. All of them read and none changes anything. */
export const TOOLS: Readonly<Record<string, Tool>> = table({
  yescale_list_models: tool({
    title: "List models",
    description: "Models that the account's API keys can call: name, vendor, category, where each is called, whether it is up.",
    input: z.object({
      query: text.optional().describe("part of a model's name or of its vendor's"),
      category: text.optional().describe("Chat, Image, Video, Audio, Music, Embedding, Rerank, Moderation or Text"),
      includeDeprecated: z.boolean().default(false).describe("also models that their vendors have retired"),
      limit: z.int().min(1).max(MODELS_MAX).default(MODELS_DEFAULT),
    }),
    async run({ query = "", category = "", includeDeprecated, limit }, { ask }) {
      const { data } = (await ask("/yescale/models")) as { data: Listed[] };
      const [part, kind] = [query.toLowerCase(), category.toLowerCase()];
      const fitting = data.filter((model) => (includeDeprecated || model.is_deprecation === 0) && `${model.model_name} ${model.provider_name}`.toLowerCase().includes(part) && model.category.toLowerCase().includes(kind));
      return { total: fitting.length, models: fitting.slice(0, limit) };
    },
  }),
  yescale_get_model_doc: tool({
    title: "Documentation of a model",
    description: "What a model can do, what it costs in each of the account's groups, which parameters decide its price, where and how it is called.",
    input: z.object({ model: modelName }),
    run: ({ model }, sources) => Promise.resolve(modelDocument({ ...known(model, sources), origin: sources.origin })),
  }),
  yescale_get_task_model_config: tool({
    title: "Parameters of a model of slow work",
    description: "Of a model for pictures, films, music or the like that runs as a task: its parameters with allowed values and defaults, its prices, and a request to begin with.",
    input: z.object({ model: modelName }),
    run: ({ model }, sources) => Promise.resolve(taskConfig(known(model, sources))),
  }),
  yescale_get_current_user: tool({
    title: "Current user",
    description: "The account whose access key this is: name, role, what is left in its wallet and what was spent, in dollars; the groups its API keys may have.",
    input: z.object({}),
    async run(_input, { ask }) {
      const [account, groups] = await Promise.all([ask("/api/account"), ask("/api/user/self/groups")]);
      return { ...account, groups: groups["data"] };
    },
  }),
  yescale_get_usage: tool({
    title: "Usage",
    description: "Spend, requests, errors, tokens and times by hour, day or as a whole, divided by model, API key, group or organisation. Of the last 30 days unless told.",
    input: z.object({
      ...times,
      span: z.enum(["hour", "day", "all"]).default("all"),
      by: z.array(z.enum(["model", "key", "group", "organisation"])).max(4).optional(),
      model: text.optional(),
      key_id: z.int().min(1).optional(),
      group: text.optional(),
      metadata: z.record(z.string(), z.string()).optional().describe('only requests that said so in X-YEScale-Metadata, such as {"feature": "search"}'),
      limit: paged.limit,
    }),
    run: ({ key_id, metadata, ...query }, { ask }) => ask("/yescale/usage", { ...query, key: key_id, metadata: metadata && JSON.stringify(metadata) }),
  }),
  yescale_search_request_logs: tool({
    title: "Search request logs",
    description: "Requests of the account's API keys and what came into its wallet, newest first. Each request has a request_id, of which yescale_get_request_detail tells more. Amounts are quota units, 500,000 = 1 USD.",
    input: z.object({
      ...times,
      ...paged,
      kind: z.enum(["all", "top-up", "consumption", "error", "refund"]).default("all"),
      model: text.optional(),
      key_name: text.optional().describe("the whole name of an API key"),
      metadata: z.record(z.string(), z.string()).optional().describe('only requests that said so in X-YEScale-Metadata, such as {"feature": "search"}'),
    }),
    run: ({ page, limit, kind, model, key_name, metadata, ...query }, { ask }) =>
      ask("/yescale/logs", { ...query, p: page, page_size: limit, type: LOG_TYPES[kind], model_name: model, token_name: key_name, metadata: metadata && JSON.stringify(metadata) }),
  }),
  yescale_get_request_detail: tool({
    title: "One request",
    description: "One request: status, times, tokens, and the lines that its charge is made of.",
    input: z.object({ request_id: z.uuid() }),
    run: ({ request_id }, { ask }) => ask(`/api/account/requests/${request_id}`),
  }),
  yescale_list_tasks: tool({
    title: "List tasks",
    description: "The account's tasks (pictures, films, music and the like), newest first: state, progress, result, what they cost.",
    input: z.object({ ...times, ...paged, status: z.enum(["NOT_START", "SUBMITTED", "QUEUED", "IN_PROGRESS", "SUCCESS", "FAILURE"]).optional(), platform: text.optional() }),
    run: ({ page, limit, ...query }, { ask }) => ask("/api/task/self", { ...query, p: page, page_size: limit }),
  }),
  yescale_get_task: tool({
    title: "One task",
    description: "One task by its id: state, progress, result, what it cost.",
    input: z.object({ task_id: z.string().regex(/^[0-9A-Za-z-]{1,64}$/, "must be a task's id") }),
    async run({ task_id }, { ask }) {
      const { data } = (await ask("/api/task/self", { task_id })) as { data: { items: Record<string, unknown>[] } };
      const [task] = data.items;
      if (!task) throw new GatewayError("invalidRequest", { publicText: "There is no such task." });
      return task;
    },
  }),
  yescale_search_billing_ledger: tool({
    title: "Billing ledger",
    description: "Everything that went into the wallet or out of it, newest first, in dollars; the `ref` of a charge is the id of its request.",
    input: z.object({ limit: paged.limit, after: z.string().regex(/^\d{1,18}$/).optional().describe("the `next` of another page") }),
    run: (query, { ask }) => ask("/api/account/ledger", query),
  }),
  yescale_get_integration_snippet: tool({
    title: "Integration snippet",
    description: "How a program or an SDK is set up to use this gateway. The API key is read from the environment variable YESCALE_API_KEY.",
    input: z.object({ client: z.enum(Object.keys(SNIPPETS) as [SnippetName, ...SnippetName[]]), model: modelName.optional() }),
    run: ({ client, model }, sources) => Promise.resolve(snippet(client, { origin: sources.origin, model: model === undefined ? undefined : known(model, sources).model.id })),
  }),
});

/** The family's numbers of kinds of log rows; 0: all. */
const LOG_TYPES = { all: 0, "top-up": 1, consumption: 2, error: 5, refund: 6 } as const;
