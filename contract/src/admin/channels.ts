import { z } from "zod";
import { idParams, idText } from "../fields.ts";
import { route } from "../route.ts";

const NAME_LENGTH_MAX = 100;
const ADDRESS_LENGTH_MAX = 2_000;
const SECRET_LENGTH_MAX = 20_000;
const LIST_MAX = 2_000;
const BULK_MAX = 500;
const INTEGER_MAX = 1_000_000;
const MS_MAX = 3_600_000;

const address = z.string().max(ADDRESS_LENGTH_MAX).regex(/^https?:\/\/\S+$/, "must be an http or https address");
const model = z.string().min(1).max(200);
const secret = z.string().min(1).max(SECRET_LENGTH_MAX);

const settings = {
  base_url: address.nullable().describe("null: the vendor's own"),
  models: z.array(model).max(LIST_MAX).nullable().describe("null: every model of its vendor; `*` at the end of a name stands for any"),
  model_mapping: z.record(model, model).describe("public name: the vendor's"),
  groups: z.array(z.string().min(1).max(NAME_LENGTH_MAX)).max(LIST_MAX).nullable().describe("null: every group that includes it"),
  priority: z.int().min(-INTEGER_MAX).max(INTEGER_MAX).describe("higher first"),
  weight: z.int().min(1).max(INTEGER_MAX).describe("share of traffic among channels of one priority"),
  timeouts: z.strictObject({ firstByteMs: z.int().min(1).max(MS_MAX).optional(), idleMs: z.int().min(1).max(MS_MAX).optional() }),
  proxy: address.nullable(),
  enabled: z.boolean(),
};
const circuit = z.object({ key: z.int(), model: z.string().nullable().describe("null: the whole credential"), reason: z.string(), retry_in_ms: z.int() });
const channel = z.object({
  id: z.int().nullable().describe("null: it stands in the environment or the file, or is a simulator, and is changed there"),
  channel: z.string().describe("its whole name, source first: `database:openai-a`"),
  name: z.string(),
  vendor: z.string(),
  source: z.enum(["environment", "file", "database", "sandbox"]),
  ...settings,
  base_url: z.string().describe("without password"),
  proxy: z.string().nullable().describe("without password"),
  weight: z.number(),
  simulated: z.boolean(),
  serves_live: z.boolean().describe("whether keys that pay reach it"),
  credentials: z.array(z.object({ id: z.int().nullable(), ends: z.string().describe("the last characters"), enabled: z.boolean() })),
  circuits: z.array(circuit).describe("what this process leaves alone at the moment, and why"),
});
const newChannel = z.strictObject({ name: z.string().trim().min(1).max(NAME_LENGTH_MAX), vendor: z.string().min(1).max(NAME_LENGTH_MAX), credentials: z.array(secret).max(100).default([]), ...settings }).partial().required({ name: true, vendor: true });
const changes = z.strictObject({ name: z.string().trim().min(1).max(NAME_LENGTH_MAX), ...settings }).partial();
const named = z.object({ channel: z.string().min(1).max(NAME_LENGTH_MAX + 20).describe("its whole name, source first") });

const admin = (path: string) => ({ path: `/api/admin/channels${path}`, words: "openai", who: "operator" }) as const;
const done = z.object({ done: z.literal(true) });

/** Upstream accounts. Credentials go in and never come out again. */
export const CHANNEL_ROUTES = {
  list: route({ ...admin(""), method: "get", summary: "All channels, wherever they stand", answer: z.object({ data: z.array(channel) }) }),
  make: route({ ...admin(""), method: "post", summary: "Makes a channel", body: newChannel, answer: channel }),
  test: route({
    ...admin("/test"),
    method: "get",
    changes: true,
    summary: "Asks the vendor with each credential of a channel whether it is good; costs nothing",
    query: named,
    answer: z.object({ data: z.array(z.object({ key: z.int(), ok: z.boolean(), status: z.int().describe("0: no answer"), note: z.string(), ms: z.int() })) }),
  }),
  models: route({
    ...admin("/models"),
    method: "get",
    changes: true,
    summary: "The models that the vendor lists for a channel",
    query: named,
    answer: z.object({ data: z.array(z.object({ name: z.string(), id: z.string().nullable().describe("the catalog's; null: it has none of that name") })), note: z.string() }),
  }),
  balance: route({
    ...admin("/balance"),
    method: "get",
    changes: true,
    summary: "What is left of a channel's accounts, where the vendor tells",
    query: named,
    answer: z.object({ told: z.boolean().describe("false: this vendor has no such address"), data: z.array(z.object({ key: z.int(), balances: z.array(z.object({ amount: z.string(), unit: z.string() })), note: z.string() })) }),
  }),
  bulk: route({
    ...admin("/bulk"),
    method: "post",
    summary: "Does one thing to several channels, to all or to none",
    body: z.strictObject({ ids: z.array(z.int().min(1)).min(1).max(BULK_MAX), action: z.enum(["enable", "disable", "delete"]) }),
    answer: z.object({ done: z.int() }),
  }),
  read: route({ ...admin("/{id}"), method: "get", summary: "One channel of the database", params: idParams, answer: channel }),
  change: route({ ...admin("/{id}"), method: "patch", summary: "Changes a channel; what is left out stays", params: idParams, body: changes, answer: channel }),
  remove: route({ ...admin("/{id}"), method: "delete", summary: "Deletes a channel with its credentials", params: idParams, answer: done }),
  addCredential: route({ ...admin("/{id}/credentials"), method: "post", summary: "Adds a credential", params: idParams, body: z.strictObject({ credential: secret }), answer: channel }),
  changeCredential: route({ ...admin("/{id}/credentials/{credential_id}"), method: "patch", summary: "Switches a credential on or off", params: z.object({ id: idText, credential_id: idText }), body: z.strictObject({ enabled: z.boolean() }), answer: channel }),
  removeCredential: route({ ...admin("/{id}/credentials/{credential_id}"), method: "delete", summary: "Deletes a credential", params: z.object({ id: idText, credential_id: idText }), answer: channel }),
};
