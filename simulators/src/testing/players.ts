/** One small piece of slow work in every vendor's own form, for tests that go over all of them. */
import { asList, asObject, asText, parseJson, type JsonObject } from "../kit/json.ts";

/** What a vendor says in one answer. */
export interface Said {
  /** status and state, or status and code, as in "200 SUCCESS" and "400 InvalidParameter" */
  words: string;
  id: string;
  /** addresses of outputs, each a file of its own */
  files: string[];
}

/** How one vendor's slow work is begun and watched. */
export interface Player {
  /** Takes the sandbox's address, a prompt, headers and an address for callbacks; begins. */
  submit(url: string, prompt: string, headers: Record<string, string>, hook?: string): Promise<Said>;
  /** Takes the sandbox's address, an id and the key; asks how it stands, with the outputs' addresses once there are any. */
  poll(url: string, id: string, key?: string): Promise<Said>;
  cancel?: (url: string, id: string) => Promise<string>;
  /** the words of an accepted submit and of each state that is passed, in order */
  accepted: string;
  states: string[];
  /** what is said under each fault: at submit, or at the first poll after the end */
  submitFaults: Record<string, string>;
  endFaults: Record<string, string>;
  /** what is said of a task that is not there */
  missing: string;
  /** headers that a download needs */
  fileHeaders?: Record<string, string>;
  /** it has no words for states that are still to come */
  wordless?: true;
  /** media type and number of the outputs */
  outputs: [string, number];
  /** messages to the callback, the states they tell; without one no callbacks are sent */
  told?: string[];
  /** how a callback's state is read */
  toldOf?: (message: JsonObject) => string;
  /** how a cancel is answered while the task waits, while it works, and when it has ended */
  cancels?: [string, string, string];
}

const KEY = "sk-test-key-1";

interface Call {
  method?: string;
  headers?: Record<string, string>;
  body?: object;
}

async function call(address: string, { method, headers, body }: Call = {}): Promise<{ status: number; json: JsonObject }> {
  const answer = await fetch(address, { method: method ?? (body ? "POST" : "GET"), headers: { "content-type": "application/json", ...headers }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: answer.status, json: asObject(parseJson(await answer.text())) };
}

/** A code, whichever way it is written; "" without one. */
const codeOf = (value: unknown): string => (typeof value === "number" ? String(value) : asText(value));
/** Parts of what is said, those that are empty left out. */
const line = (...parts: (string | number)[]): string => parts.filter((part) => part !== "").join(" ");

const bearer = (key = KEY): Record<string, string> => ({ authorization: `Bearer ${key}` });

/** midjourney-proxy: imagine. */
const midjourney: Player = {
  async submit(url, prompt, headers, notifyHook) {
    const { status, json } = await call(`${url}/midjourney/mj/submit/imagine`, { headers: { "mj-api-secret": KEY, ...headers }, body: { prompt, notifyHook } });
    return { words: line(status, json["code"] === undefined ? "" : `code ${codeOf(json["code"])}`), id: asText(json["result"]), files: [] };
  },
  async poll(url, id, key = KEY) {
    const { status, json } = await call(`${url}/midjourney/mj/task/${id}/fetch`, { headers: { "mj-api-secret": key } });
    const code = json["code"] === undefined ? "" : `code ${codeOf(json["code"])}`;
    const files = json["status"] === "SUCCESS" ? [asText(json["imageUrl"]), ...asList(json["imageUrls"]).map((one) => asText(asObject(one)["url"]))].filter(Boolean) : [];
    return { words: line(status, asText(json["status"]), code, asText(json["failReason"]).slice(0, 14)), id, files };
  },
  async cancel(url, id) {
    const { status, json } = await call(`${url}/midjourney/mj/task/${id}/cancel`, { method: "POST", headers: { "mj-api-secret": KEY } });
    return line(status, "code", codeOf(json["code"]));
  },
  accepted: "200 code 1",
  states: ["200 SUBMITTED", "200 IN_PROGRESS", "200 SUCCESS"],
  submitFaults: { "refuse-submit": "200 code 24", "status=429": "200 code 23", "no-balance": "200 code 3", "bad-key": "401", "status=500": "200 code 9", "status=502": "502", "queue-ms=500": "200 code 22" },
  endFaults: { refuse: "200 FAILURE [AI moderator]", fail: "200 FAILURE Job encountere", "fail-code=E7": "200 FAILURE E7", "lost-task": "200", "lost-result": "200 SUCCESS" },
  missing: "200",
  outputs: ["image/png", 5],
  told: ["IN_PROGRESS 0%", "IN_PROGRESS 31%", "IN_PROGRESS 62%", "SUCCESS 100%"],
  toldOf: (message) => `${asText(message["status"])} ${asText(message["progress"])}`,
  cancels: ["200 code 1", "200 code 1", "200 code 4"],
};

const taskOf = (json: JsonObject): JsonObject => asObject(json["data"]);
const clipsOf = (task: JsonObject): JsonObject[] => asList(task["data"]).map(asObject);

/** Suno-API: a song. */
const suno: Player = {
  async submit(url, prompt, headers, hook) {
    const { status, json } = await call(`${url}/suno/suno/submit/music`, { headers: { ...bearer(), ...headers }, body: { prompt, tags: "pop", title: "A", mv: "chirp-v4", ...(hook ? { notify_hook: hook } : {}) } });
    return { words: line(status, asText(json["code"])), id: asText(json["data"]), files: [] };
  },
  async poll(url, id, key) {
    const { status, json } = await call(`${url}/suno/suno/fetch/${id}`, { headers: bearer(key) });
    const task = taskOf(json);
    const files = task["status"] === "SUCCESS" ? clipsOf(task).map((clip) => asText(clip["audio_url"])).filter(Boolean) : [];
    return { words: line(status, asText(task["status"] ?? json["code"]), asText(task["fail_reason"]).split(" ")[0] ?? ""), id, files };
  },
  accepted: "200 success",
  states: ["200 NOT_START", "200 SUBMITTED", "200 QUEUED", "200 IN_PROGRESS", "200 SUCCESS"],
  submitFaults: { "refuse-submit": "400 invalid_request", "status=429": "429 invalid_request", "no-balance": "402 invalid_request", "bad-key": "401 invalid_request", "status=500": "500 internal_error" },
  endFaults: { refuse: "200 FAILURE Song", fail: "200 FAILURE Internal", "fail-code=E7": "200 FAILURE E7", partial: "200 FAILURE Internal", "lost-task": "400 invalid_request", "lost-result": "200 SUCCESS" },
  missing: "400 invalid_request",
  outputs: ["audio/mpeg", 2],
  told: ["IN_PROGRESS", "SUCCESS"],
  toldOf: (message) => asText(message["status"]),
};

const statusCode = (json: JsonObject): string => codeOf(asObject(json["base_resp"])["status_code"]).replace(/^0$/, "");

/** MiniMax, first version: three calls. */
const minimax: Player = {
  async submit(url, prompt, headers, callback) {
    const { status, json } = await call(`${url}/minimax/v1/video_generation`, { headers: { ...bearer(), ...headers }, body: { model: "MiniMax-Hailuo-02", prompt, duration: 6, resolution: "768P", ...(callback ? { callback_url: callback } : {}) } });
    return { words: line(status, statusCode(json)), id: asText(json["task_id"]), files: [] };
  },
  async poll(url, id, key) {
    const { status, json } = await call(`${url}/minimax/v1/query/video_generation?task_id=${id}`, { headers: bearer(key) });
    const words = line(status, asText(json["status"]), statusCode(json));
    if (asText(json["file_id"]) === "") return { words, id, files: [] };
    const kept = await call(`${url}/minimax/v1/files/retrieve?file_id=${asText(json["file_id"])}`, { headers: bearer(key) });
    const file = asText(asObject(kept.json["file"])["download_url"]);
    return { words: line(words, statusCode(kept.json)), id, files: file === "" ? [] : [file] };
  },
  accepted: "200",
  states: ["200 Preparing", "200 Queueing", "200 Processing", "200 Success"],
  submitFaults: { "refuse-submit": "200 1026", "status=429": "200 1002", "no-balance": "200 1008", "bad-key": "200 2049", "status=500": "200 1000" },
  endFaults: { refuse: "200 Fail 1027", fail: "200 Fail 1000", "fail-code=1033": "200 Fail 1033", "lost-task": "200 2013", "lost-result": "200 Success 2013" },
  missing: "200 2013",
  outputs: ["video/mp4", 1],
  told: ["challenge", "processing", "success"],
  toldOf: (message) => (message["challenge"] ? "challenge" : asText(message["status"])),
};

/** MiniMax, second version. */
const minimaxSecond: Player = {
  async submit(url, prompt, headers) {
    const { status, json } = await call(`${url}/minimax/v2/video_generation`, { headers: { ...bearer(), ...headers }, body: { model: "MiniMax-H3", content: [{ type: "text", text: prompt }], duration: 6, resolution: "2K", ratio: "9:16" } });
    return { words: line(status, statusCode(json)), id: asText(json["task_id"]), files: [] };
  },
  async poll(url, id, key) {
    const { status, json } = await call(`${url}/minimax/v2/query/video_generation/${id}`, { headers: bearer(key) });
    const task = asObject(json["task"]);
    const file = asText(asObject(task["content"])["url"]);
    return { words: line(status, asText(task["status"]), statusCode(json), codeOf(asObject(task["error"])["code"])), id, files: file === "" ? [] : [file] };
  },
  async cancel(url, id) {
    const { status, json } = await call(`${url}/minimax/v2/video_generation/${id}`, { method: "DELETE", headers: bearer() });
    return line(status, asText(json["status"]), statusCode(json));
  },
  accepted: "200",
  states: ["200 queued", "200 running", "200 succeeded"],
  submitFaults: { "refuse-submit": "200 1026", "status=429": "200 1002", "no-balance": "200 1008" },
  endFaults: { refuse: "200 failed 1027", fail: "200 failed 1000", "fail-code=E7": "200 failed E7", "lost-task": "200 2013", "lost-result": "200 succeeded" },
  missing: "200 2013",
  outputs: ["video/mp4", 1],
  cancels: ["200 cancelled", "200 cancelled", "200 2013"],
};

const dashscopePoll: Player["poll"] = async (url, id, key) => {
  const { status, json } = await call(`${url}/dashscope/api/v1/tasks/${id}`, { headers: bearer(key) });
  const output = asObject(json["output"]);
  const files = [asText(output["video_url"]), ...asList(output["results"]).map((one) => asText(asObject(one)["url"]))].filter(Boolean);
  return { words: line(status, asText(output["task_status"]), asText(json["code"]), asText(output["code"])), id, files };
};

function dashscope(path: string, body: (prompt: string) => object, outputs: Player["outputs"]): Player {
  return {
    async submit(url, prompt, headers) {
      const { status, json } = await call(`${url}/dashscope/api/v1/services/aigc/${path}`, { headers: { ...bearer(), "x-dashscope-async": "enable", ...headers }, body: body(prompt) });
      const output = asObject(json["output"]);
      return { words: line(status, asText(output["task_status"]), asText(json["code"])), id: asText(output["task_id"]), files: [] };
    },
    poll: dashscopePoll,
    async cancel(url, id) {
      const { status, json } = await call(`${url}/dashscope/api/v1/tasks/${id}/cancel`, { method: "POST", headers: bearer() });
      return line(status, asText(json["code"]));
    },
    accepted: "200 PENDING",
    states: ["200 PENDING", "200 RUNNING", "200 SUCCEEDED"],
    submitFaults: { "refuse-submit": "400 DataInspectionFailed", "status=429": "429 Throttling.RateQuota", "no-balance": "400 Arrearage", "bad-key": "401 InvalidApiKey", "status=500": "500 InternalError" },
    endFaults: { refuse: "200 FAILED DataInspectionFailed", fail: "200 FAILED InternalError", "fail-code=E7": "200 FAILED E7", "lost-task": "200 UNKNOWN", "lost-result": "200 UNKNOWN" },
    missing: "200 UNKNOWN",
    outputs,
    cancels: ["200", "400 UnsupportedOperation", "400 UnsupportedOperation"],
  };
}

/** Ark: a film of Seedance. */
const ark: Player = {
  async submit(url, prompt, headers, callback) {
    const { status, json } = await call(`${url}/doubao/api/v3/contents/generations/tasks`, { headers: { ...bearer(), ...headers }, body: { model: "doubao-seedance-1-0-pro-250528", content: [{ type: "text", text: prompt }], resolution: "480p", return_last_frame: false, ...(callback ? { callback_url: callback } : {}) } });
    return { words: line(status, asText(asObject(json["error"])["code"])), id: asText(json["id"]), files: [] };
  },
  async poll(url, id, key) {
    const { status, json } = await call(`${url}/doubao/api/v3/contents/generations/tasks/${id}`, { headers: bearer(key) });
    const file = asText(asObject(json["content"])["video_url"]);
    return { words: line(status, asText(json["status"]), asText(asObject(json["error"])["code"])), id, files: file === "" ? [] : [file] };
  },
  async cancel(url, id) {
    const { status, json } = await call(`${url}/doubao/api/v3/contents/generations/tasks/${id}`, { method: "DELETE", headers: bearer() });
    return line(status, asText(asObject(json["error"])["code"]));
  },
  accepted: "200",
  states: ["200 queued", "200 running", "200 succeeded"],
  submitFaults: { "refuse-submit": "400 InputTextSensitiveContentDetected", "status=429": "429 RateLimitExceeded.EndpointRPMExceeded", "no-balance": "403 AccountOverdueError", "bad-key": "401 AuthenticationError", "status=500": "500 InternalServiceError" },
  endFaults: { refuse: "200 failed OutputVideoSensitiveContentDetected", fail: "200 failed InternalServiceError", "fail-code=E7": "200 failed E7", "lost-task": "404 ResourceNotFound", "lost-result": "200 succeeded" },
  missing: "404 ResourceNotFound",
  outputs: ["video/mp4", 1],
  told: ["running", "succeeded"],
  toldOf: (message) => asText(message["status"]),
  cancels: ["200", "409 InvalidAction.TaskStatus", "200"],
};

/** Gemini: a film of Veo, which has no word for a state but whether it is done. */
const veo: Player = {
  async submit(url, prompt, headers) {
    const { status, json } = await call(`${url}/gemini/v1beta/models/veo-3.1-generate-preview:predictLongRunning`, { headers: { "x-goog-api-key": KEY, ...headers }, body: { instances: [{ prompt }], parameters: { sampleCount: 2, aspectRatio: "9:16" } } });
    return { words: line(status, asText(asObject(json["error"])["status"])), id: asText(json["name"]), files: [] };
  },
  async poll(url, id, key = KEY) {
    const name = id.startsWith("models/") ? id : `models/veo-3.1-generate-preview/operations/${id}`;
    const { status, json } = await call(`${url}/gemini/v1beta/${name}`, { headers: { "x-goog-api-key": key } });
    const [response, error] = [asObject(asObject(json["response"])["generateVideoResponse"]), asObject(json["error"])];
    const files = asList(response["generatedSamples"]).map((one) => asText(asObject(asObject(one)["video"])["uri"]));
    const said = error["code"] === 13 ? asText(error["message"]).split(" ")[0] : response["raiMediaFilteredCount"] === undefined ? "" : `filtered ${codeOf(response["raiMediaFilteredCount"])}`;
    return { words: line(status, json["name"] === undefined ? "" : json["done"] === true ? "done" : "running", asText(error["status"]), said ?? ""), id, files };
  },
  accepted: "200",
  states: ["200 running", "200 done"],
  submitFaults: { "refuse-submit": "400 INVALID_ARGUMENT", "status=429": "429 RESOURCE_EXHAUSTED", "status=402;no-balance": "402 FAILED_PRECONDITION", "bad-key": "400 INVALID_ARGUMENT", "status=503": "503 UNAVAILABLE" },
  endFaults: { refuse: "200 done filtered 2", fail: "200 done Video", "fail-code=E7": "200 done E7", "lost-task": "404 NOT_FOUND", "lost-result": "200 done" },
  missing: "404 NOT_FOUND",
  wordless: true,
  outputs: ["video/mp4", 2],
  fileHeaders: { "x-goog-api-key": KEY },
};

/** OpenAI: a film. */
const openai: Player = {
  async submit(url, prompt, headers) {
    const { status, json } = await call(`${url}/openai/v1/videos`, { headers: { ...bearer(), ...headers }, body: { prompt, model: "sora-2", seconds: "4", size: "1280x720" } });
    return { words: line(status, asText(json["status"]), asText(asObject(json["error"])["code"])), id: asText(json["id"]), files: [] };
  },
  async poll(url, id, key) {
    const { status, json } = await call(`${url}/openai/v1/videos/${id}`, { headers: bearer(key) });
    return { words: line(status, asText(json["status"]), asText(asObject(json["error"])["code"])), id, files: json["status"] === "completed" ? [`${url}/openai/v1/videos/${id}/content`] : [] };
  },
  accepted: "200 queued",
  states: ["200 queued", "200 in_progress", "200 completed"],
  submitFaults: { "refuse-submit": "400 moderation_blocked", "status=429": "429 rate_limit_exceeded", "no-balance": "429 insufficient_quota", "bad-key": "401 invalid_api_key", "status=500": "500" },
  endFaults: { refuse: "200 failed moderation_blocked", fail: "200 failed video_generation_failed", "fail-code=E7": "200 failed E7", "lost-task": "404", "lost-result": "200 completed" },
  missing: "404",
  outputs: ["video/mp4", 1],
  fileHeaders: bearer(),
};

/** Every vendor's slow work. */
export const PLAYERS: Record<string, Player> = {
  midjourney,
  suno,
  minimax,
  "minimax, second version": minimaxSecond,
  ark,
  veo,
  openai,
  "dashscope, pictures": dashscope("text2image/image-synthesis", (prompt) => ({ model: "wan2.2-t2i-plus", input: { prompt }, parameters: { n: 4, size: "1024*1024" } }), ["image/png", 4]),
  "dashscope, films": dashscope("video-generation/video-synthesis", (prompt) => ({ model: "wan2.5-t2v-preview", input: { prompt }, parameters: { size: "832*480", duration: 10 } }), ["video/mp4", 1]),
};
