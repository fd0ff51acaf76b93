/** Alibaba's Model Studio by its own API, DashScope: Qwen's pictures. The compatible API of the same house is `qwen`. */
import { asObject, asText, type JsonObject } from "../../kit/json.ts";
import { keepFile, keptFile } from "../../kit/media/kept-file.ts";
import { picture } from "../../kit/media/picture.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { dashscopeFailure, INSPECTION, invalid, refuse, told } from "./errors.ts";
import { picturesOf, readMessages } from "./pictures.ts";

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
  if (/forbidden picture/i.test(wish.prompt)) return refuse(request, 400, ...INSPECTION);
  const content: JsonObject[] = [];
  for (let index = 0; index < wish.n; index += 1) {
    const bytes = await picture({ width: wish.width, height: wish.height, format: "png", seed: `${model} ${wish.prompt} ${index}` });
    content.push({ image: keepFile(request, "dashscope", bytes, "png") });
  }
  const usage = { width: wish.width, height: wish.height, image_count: wish.n };
  const shown = request.faults.has("no-usage") ? {} : { usage };
  const output = { choices: [{ finish_reason: "stop", message: { role: "assistant", content } }], task_metric: { TOTAL: wish.n, SUCCEEDED: wish.n, FAILED: 0 } };
  return { ...told(request, 200, { output, ...shown }), model, ...shown };
}

function answer(request: Received): Answer | Promise<Answer> {
  if (request.method === "GET" && request.path.startsWith("/__files/")) return keptFile(request);
  const key = credentialOf(request.headers);
  if (key === "") return refuse(request, 401, "InvalidApiKey", "No API-key provided.");
  if (!/^sk-[\w-]{4,}$/.test(key)) return refuse(request, 401, "InvalidApiKey", "Invalid API-key provided.");
  if (request.method === "POST" && request.path === "/api/v1/services/aigc/multimodal-generation/generation") return generate(request);
  return refuse(request, 404, "InvalidURL", "url error, please check url!");
}

/** DashScope on its own wire. */
export const dashscope: Vendor = {
  name: "dashscope",
  routes: ["POST /api/v1/services/aigc/multimodal-generation/generation"],
  credentialOf,
  answer,
  fail: dashscopeFailure,
  errorFrame: () => "",
};
