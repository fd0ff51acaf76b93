/** The same small task at every vendor that works by tasks, for tests that go over all of them. */

type Json = Record<string, unknown>;

/** How to give one vendor a task. */
export interface TaskAsking {
  vendor: string;
  headers: Record<string, string>;
  /** path of the submit */
  submit: string;
  /** the body for a prompt, and a callback's address where the vendor takes one */
  body: (prompt: string, callback: string) => Json | URLSearchParams;
  /** the callback's address goes into the query under this name */
  callbackQuery?: string;
  /** Takes the submit's answer; gives the path of the poll. */
  poll: (answer: Json) => string;
  /** Takes the submit's answer; gives the path of the result where it is another one. */
  result?: (answer: Json) => string;
  /** Takes a poll's answer; gives the vendor's word for the state. */
  state: (answer: Json) => string;
  /** the word for success */
  done: string;
  /** Takes the answer that holds the result; gives the first file's address. */
  file: (answer: Json) => string;
  callbacks: boolean;
}

const at = (value: unknown, ...path: (string | number)[]): unknown => path.reduce((inner, name) => (inner as Record<string | number, unknown> | null | undefined)?.[name], value);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const pathOf = (url: unknown): string => new URL(text(url)).pathname;
const json = { "content-type": "application/json" };

/** Every such vendor. */
export const TASK_ASKINGS: TaskAsking[] = [
  {
    vendor: "fal",
    headers: { ...json, authorization: "Key sandbox-key" },
    submit: "/fal/fal-ai/pika/v2.2/text-to-video",
    body: (prompt) => ({ prompt }),
    callbackQuery: "fal_webhook",
    poll: (answer) => pathOf(answer["status_url"]),
    result: (answer) => pathOf(answer["response_url"]),
    state: (answer) => text(answer["status"]),
    done: "COMPLETED",
    file: (answer) => text(at(answer, "video", "url")),
    callbacks: true,
  },
  {
    vendor: "replicate",
    headers: { ...json, authorization: "Bearer sandbox-key" },
    submit: "/replicate/v1/models/minimax/video-01/predictions",
    body: (prompt, callback) => ({ input: { prompt }, ...(callback === "" ? {} : { webhook: callback, webhook_events_filter: ["completed"] }) }),
    poll: (answer) => pathOf(at(answer, "urls", "get")),
    state: (answer) => text(answer["status"]),
    done: "succeeded",
    file: (answer) => text(answer["output"]),
    callbacks: true,
  },
  {
    vendor: "runway",
    headers: { ...json, authorization: "Bearer sandbox-key", "x-runway-version": "2024-11-06" },
    submit: "/runway/v1/image_to_video",
    body: (promptText) => ({ model: "gen4_turbo", promptImage: "https://example.com/a.png", ratio: "1280:720", promptText }),
    poll: (answer) => `/runway/v1/tasks/${text(answer["id"])}`,
    state: (answer) => text(answer["status"]),
    done: "SUCCEEDED",
    file: (answer) => text(at(answer, "output", 0)),
    callbacks: false,
  },
  {
    vendor: "luma",
    headers: { ...json, authorization: "Bearer sandbox-key" },
    submit: "/luma/dream-machine/v1/generations",
    body: (prompt, callback) => ({ model: "ray-2", prompt, ...(callback === "" ? {} : { callback_url: callback }) }),
    poll: (answer) => `/luma/dream-machine/v1/generations/${text(answer["id"])}`,
    state: (answer) => text(answer["state"]),
    done: "completed",
    file: (answer) => text(at(answer, "assets", "video")),
    callbacks: true,
  },
  {
    vendor: "kling",
    headers: { ...json, authorization: "Bearer sandbox-key" },
    submit: "/kling/v1/videos/text2video",
    body: (prompt, callback) => ({ prompt, ...(callback === "" ? {} : { callback_url: callback }) }),
    poll: (answer) => `/kling/v1/videos/text2video/${text(at(answer, "data", "task_id"))}`,
    state: (answer) => text(at(answer, "data", "task_status")),
    done: "succeed",
    file: (answer) => text(at(answer, "data", "task_result", "videos", 0, "url")),
    callbacks: true,
  },
  {
    vendor: "topaz",
    headers: { ...json, "x-api-key": "sandbox-key" },
    submit: "/topaz/video/express",
    body: (prompt, callback) => ({
      source: { container: "mp4", external: { provider: "s3", presignedUrl: "https://example.com/in.mp4" } },
      filters: [{ model: "prob-4" }],
      output: { resolution: { width: 640, height: 360 } },
      destination: prompt,
      ...(callback === "" ? {} : { notifications: { webhookUrl: callback } }),
    }),
    poll: (answer) => `/topaz/video/${text(answer["requestId"])}/status`,
    state: (answer) => text(answer["status"]),
    done: "complete",
    file: (answer) => text(at(answer, "download", "url")),
    callbacks: true,
  },
  {
    vendor: "pika",
    headers: { "x-api-key": "sandbox-key" },
    submit: "/pika/generate/2.2/t2v",
    body: (promptText) => new URLSearchParams({ promptText }),
    poll: (answer) => `/pika/videos/${text(answer["video_id"])}`,
    state: (answer) => text(answer["status"]),
    done: "finished",
    file: (answer) => text(answer["url"]),
    callbacks: false,
  },
];
