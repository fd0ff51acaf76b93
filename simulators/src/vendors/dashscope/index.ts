/** Alibaba's Model Studio by its own API, DashScope: Qwen's and Wan's pictures, and Wan's films. The compatible API of the same house is `qwen`. */
import { asObject, asText, decodePath, type JsonObject } from "../../kit/json.ts";
import { keepFile } from "../../kit/media/kept-file.ts";
import { picture } from "../../kit/media/picture.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { servedFile } from "../../kit/tasks/files.ts";
import { isRefused } from "../../kit/tasks/outputs.ts";
import { answered, dashscopeFailure, INSPECTION, invalid, refuse } from "./errors.ts";
import { picturesOf, readMessages } from "./pictures.ts";
import { cancelTask, showTask, submitFilm, submitPictures } from "./tasks.ts";

const credentialOf = (headers: Headers): string => (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");
const asynchronous = (request: Received): boolean => request.headers.get("x-dashscope-async") === "enable";

/** Qwen's pictures at once (Model Studio, "Qwen - image generation", "HTTP synchronous call"). */
async function generate(request: Received): Promise<Answer> {
  const body = asObject(request.json);
  const model = asText(body["model"]);
  if (request.json === undefined) return refuse(request, 400, "InvalidParameter", "Request body format invalid.");
  if (model === "") return invalid(request, "Field required: model");
  const played = picturesOf(model);
  if (!played) return refuse(request, 404, "ModelNotFound", "Model can not be found.");
  if (asynchronous(request)) return refuse(request, 403, "AccessDenied", "current user api does not support asynchronous calls.");
  if (!played.sync) return refuse(request, 403, "AccessDenied", "current user api does not support synchronous calls.");
  const wish = readMessages(body);
  if (typeof wish === "string") return invalid(request, wish);
  if (isRefused(request.faults, wish.prompt)) return refuse(request, 400, ...INSPECTION);
  const content: JsonObject[] = [];
  for (let index = 0; index < wish.n; index += 1) {
    const bytes = await picture({ width: wish.width, height: wish.height, format: "png", seed: `${model} ${wish.prompt} ${index}` });
    content.push({ image: keepFile(request, "dashscope", bytes, "png") });
  }
  const usage = { width: wish.width, height: wish.height, image_count: wish.n };
  const shown = request.faults.has("no-usage") ? {} : { usage };
  const output = { choices: [{ finish_reason: "stop", message: { role: "assistant", content } }], task_metric: { TOTAL: wish.n, SUCCEEDED: wish.n, FAILED: 0 } };
  return { ...answered(request, 200, { output, ...shown }), model, ...shown };
}

function answer(request: Received): Answer | Promise<Answer> {
  if (request.method === "GET" && request.path.startsWith("/__files/")) return servedFile(request, "dashscope");
  const key = credentialOf(request.headers);
  if (key === "") return refuse(request, 401, "InvalidApiKey", "No API-key provided.");
  if (!/^sk-[\w-]{4,}$/.test(key)) return refuse(request, 401, "InvalidApiKey", "Invalid API-key provided.");
  const route = `${request.method} ${request.path.replace(/^\/api\/v1/, "")}`;
  if (route === "POST /services/aigc/multimodal-generation/generation") return generate(request);
  if (route === "POST /services/aigc/text2image/image-synthesis") return submitPictures(request, key);
  if (route === "POST /services/aigc/video-generation/video-synthesis") return submitFilm(request, key);
  const [, asked, told] = /^GET \/tasks\/([^/]+)$|^POST \/tasks\/([^/]+)\/cancel$/.exec(route) ?? [];
  if (asked !== undefined) return showTask(request, key, decodePath(asked));
  if (told !== undefined) return cancelTask(request, key, decodePath(told));
  return refuse(request, 404, "InvalidURL", "url error, please check url!");
}

/** DashScope on its own wire. */
export const dashscope: Vendor = {
  name: "dashscope",
  routes: [
    "POST /api/v1/services/aigc/multimodal-generation/generation",
    "POST /api/v1/services/aigc/text2image/image-synthesis",
    "POST /api/v1/services/aigc/video-generation/video-synthesis",
    "GET /api/v1/tasks/{task_id}",
    "POST /api/v1/tasks/{task_id}/cancel",
  ],
  credentialOf,
  answer,
  fail: dashscopeFailure,
  errorFrame: () => "",
};
