import { z } from "zod";
import { serverSentEvent } from "../fields.ts";
import { goesOn, type MediaDoc, notify, open, percent, shownState, text, unix, waiting } from "./endpoint.ts";
import { taskError } from "./task.ts";

const falTask = z.strictObject({
  action: text,
  data: z.unknown().describe("the model's own output, once the task has succeeded"),
  finish_time: unix,
  message: text,
  platform: z.literal("fal-ai"),
  progress: percent,
  status: shownState,
  submit_time: unix,
  task_id: text,
  err_reason: text.optional(),
});
const queued = z.looseObject({ status: z.enum(["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]), request_id: text, response_url: text, status_url: text, cancel_url: text });
const falDetail = z.union([taskError, z.looseObject({ detail: z.union([text, z.array(open)]) })]);

const target = " The real address stands in the header x-fal-target-url (https://queue.fal.run/... or https://fal.run/...)";
/** fal's models; ids and names of models stand in the path with their slashes. */
export const FAL_DOC: MediaDoc = {
  id: "fal",
  shownId: "3f2a9c1e-5b7d-4e80-9a16-2c4d6e8f0a1b",
  error: falDetail,
  shared: { FalTask: falTask },
  endpoints: [
    {
      method: "post",
      paths: ["/fal-ai/{model}"],
      summary: "Orders of a model of fal's, whose name stands in the path with its slashes; the body is the model's own input. Fal's own clients (`authorization: Key ...`) get its queue's form, or wait for the output where they call the model directly",
      priced: true,
      query: z.object({ fal_webhook: text.max(2_000).optional().describe("a public https address that is told once, when the job has ended, in the form of fal's webhooks") }),
      body: z.looseObject({ prompt: text.optional(), text: text.optional(), image_url: text.optional(), video_url: text.optional(), num_images: z.int().optional(), ...notify }),
      answer: z.union([falTask, queued, open]),
      example: { name: "fal", params: { model: "recraft/v3/text-to-image" }, body: { prompt: "a red stone" } },
    },
    {
      method: "get",
      paths: ["/fal-ai/{model}"],
      summary: "A task, by its id in the path; or in fal's own words at {app}/requests/{id} and {app}/requests/{id}/status, which /stream sends as events",
      query: waiting,
      answer: z.union([falTask, queued, open]),
      further: { 202: { why: "fal's status of a job that has not ended", body: queued }, 422: { why: "what was asked for was refused", body: falDetail }, 499: { why: "the job was cancelled", body: falDetail }, 500: { why: "the job failed", body: falDetail } },
      example: { params: { model: "{fal.task_id}" }, query: { wait: "30" } },
    },
    {
      method: "put",
      paths: ["/fal-ai/{model}"],
      summary: "Stops a job, in fal's words: {app}/requests/{id}/cancel",
      query: waiting,
      further: { 202: { why: "it is stopped", body: z.strictObject({ status: z.literal("CANCELLATION_REQUESTED") }) }, 400: { why: "it has ended", body: z.strictObject({ status: z.literal("ALREADY_COMPLETED") }) }, ...goesOn(falDetail) },
      example: { params: { model: "recraft/requests/{fal.task_id}/cancel" }, status: 400 },
    },
    { method: "post", paths: ["/fal/proxy"], summary: `Orders of a model of fal's, for the proxy mode of fal's own clients.${target}`, priced: true, body: open, answer: z.union([queued, open]), example: { headers: { "x-fal-target-url": "https://queue.fal.run/fal-ai/recraft/v3/text-to-image" }, body: { prompt: "a red stone" } } },
    { method: "get", paths: ["/fal/proxy"], summary: `A job or its result, for the same clients.${target}`, answer: z.union([queued, open]), further: { 202: { why: "a job that has not ended", body: queued }, 422: { why: "what was asked for was refused", body: falDetail }, 499: { why: "the job was cancelled", body: falDetail }, 500: { why: "the job failed", body: falDetail } }, example: { headers: { "x-fal-target-url": "https://queue.fal.run/fal-ai/recraft/requests/{fal.task_id}/status" } } },
    { method: "put", paths: ["/fal/proxy"], summary: `Stops a job, for the same clients.${target}`, further: { 202: { why: "it is stopped", body: z.strictObject({ status: z.literal("CANCELLATION_REQUESTED") }) }, 400: { why: "it has ended", body: z.strictObject({ status: z.literal("ALREADY_COMPLETED") }) }, ...goesOn(falDetail) }, example: { headers: { "x-fal-target-url": "https://queue.fal.run/fal-ai/recraft/requests/{fal.task_id}/cancel" }, status: 400 } },
  ],
};

const prediction = z.looseObject({
  id: text,
  model: text,
  version: text,
  input: open,
  logs: text,
  output: z.unknown(),
  error: text.nullable(),
  status: z.enum(["starting", "processing", "succeeded", "failed", "canceled"]),
  created_at: text,
  started_at: text.optional(),
  completed_at: text.optional(),
  metrics: open.optional(),
  urls: z.object({ get: text, cancel: text, stream: text }),
});
const ordered = { 201: { why: "accepted, or whole where the caller waited for its end", body: prediction }, 202: { why: "accepted; it has not ended in the time that the header prefer named", body: prediction } };
const input = open.describe("the model's own input");

const told = { ...notify, webhook_events_filter: z.array(z.enum(["start", "output", "logs", "completed"])).optional().describe("of which events it is told; without it, of each new state") };

const replicateError = z.object({ title: text, detail: text, status: z.int() });
const wrong = { 422: { why: "the request is wrong", body: replicateError } };

export const REPLICATE_DOC: MediaDoc = {
  id: "replicate",
  shownId: "k3v9x0q2m7n4b8c1d5f6g0h2j4",
  error: replicateError,
  shared: { Prediction: prediction },
  endpoints: [
    { method: "post", paths: ["/replicate/v1/models/{owner}/{name}/predictions"], summary: "A prediction of a model of Replicate's", priced: true, body: z.looseObject({ input, ...told }), further: ordered, example: { name: "prediction", params: { owner: "black-forest-labs", name: "flux-kontext-pro" }, body: { input: { prompt: "a red stone" } }, status: 201 } },
    { method: "post", paths: ["/replicate/v1/predictions"], summary: "The same, the model in the body", priced: true, body: z.looseObject({ version: text.optional().describe("a model, also with a version behind a colon, or the id of a version that has a price here"), model: text.optional().describe("in the place of version"), input, ...told }), further: ordered, example: { body: { version: "black-forest-labs/flux-kontext-pro", input: { prompt: "a red stone" } }, status: 201 } },
    { method: "get", paths: ["/replicate/v1/predictions"], summary: "The account's predictions, newest first, a hundred on a page", query: z.object({ cursor: text.max(300).optional().describe("out of next or previous") }), answer: z.strictObject({ previous: text.nullable(), next: text.nullable(), results: z.array(prediction) }), further: wrong, example: {} },
    { method: "get", paths: ["/replicate/v1/predictions/{id}"], summary: "A prediction", query: waiting, answer: prediction, further: wrong, example: { params: { id: "{prediction.id}" }, query: { wait: "30" } } },
    { method: "get", paths: ["/replicate/v1/models/{owner}/{name}"], summary: "A model of Replicate's that has a price here", answer: z.looseObject({ url: text, owner: text, name: text, description: text, visibility: text }), example: { params: { owner: "black-forest-labs", name: "flux-kontext-pro" } } },
    { method: "get", paths: ["/replicate/v1/webhooks/default/secret"], summary: "What notices are signed with", answer: z.strictObject({ key: text }), example: {} },
    {
      method: "post",
      paths: ["/replicate/v1/files"],
      summary: "Keeps a picture, film or sound of at most 25 MB, whose address inputs may name",
      form: z.looseObject({ content: text.meta({ format: "binary" }).describe("the file"), metadata: text.optional().describe("a JSON object") }),
      further: { 201: { why: "it is kept", body: z.strictObject({ id: text, name: text, content_type: text, size: z.int(), etag: text, checksums: z.object({ sha256: text }), metadata: open, created_at: text, expires_at: text.nullable(), urls: z.object({ get: text }) }) }, ...wrong },
      example: { form: { content: "@picture" }, status: 201 },
    },
    { method: "get", paths: ["/replicate/v1/predictions/{id}/stream"], summary: "What a prediction brings, as events: output, error, done", further: { 200: { why: "a stream of events", type: "text/event-stream", body: serverSentEvent } }, example: { params: { id: "{prediction.id}" } } },
    {
      method: "get",
      paths: ["/replicate/v1/predictions/{id}/stream/{token}", "/v1/files/{id}/stream/{token}"],
      summary: "The same for whoever knows the address, which a prediction tells as urls.stream: clients such as Replicate's SDK and browsers' EventSource read it without a key",
      open: true,
      further: { 200: { why: "a stream of events", type: "text/event-stream", body: serverSentEvent } },
    },
    { method: "post", paths: ["/replicate/v1/predictions/{id}/cancel"], summary: "Stops a prediction", query: waiting, answer: prediction, further: { 202: { why: "it is stopped as soon as its vendor has answered", body: prediction }, ...goesOn(replicateError), ...wrong }, example: { params: { id: "{prediction.id}" } } },
  ],
};
