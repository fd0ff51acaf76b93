/** What is submitted to midjourney-proxy, checked as its SubmitController does, with its texts. */
import { asList, asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { dataOf, inputFile, isOfKind } from "../../kit/media/input-file.ts";
import { isRefused } from "../../kit/tasks/outputs.ts";
import { momentOf, type Task } from "../../kit/tasks/task.ts";
import type { Received, WholeAnswer } from "../../kit/vendor.ts";
import { banned, CODE, invalid, notFound, said } from "./answers.ts";
import { actionOf, buttonsOf, digit, opensWindow } from "./buttons.ts";
import { accept, existing, MIDJOURNEY, newId, showTask, type Work } from "./tasks.ts";
import { filmsOf, sidesOf, worksOf } from "./works.ts";

/** Longest `state` and `notifyHook`. */
const STATE_MAX = 255;
const HOOK_MAX = 2_000;
const BOTS = ["", "MID_JOURNEY", "NIJI_JOURNEY"];
/** Sides of a blend by its `dimensions`. */
const BLENDS: Record<string, [number, number]> = { PORTRAIT: [832, 1248], SQUARE: [1024, 1024], LANDSCAPE: [1248, 832] };

/** One submit: the request, whose secret was accepted, its owner and its body. */
export interface Submit {
  request: Received;
  owner: string;
  body: JsonObject;
}

/** Takes a submit; gives what is wrong with what all submits share, `undefined` when nothing is. */
export function refusedCommon({ body }: Submit): WholeAnswer | undefined {
  if (asText(body["state"]).length > STATE_MAX) return invalid("state参数错误");
  if (asText(body["notifyHook"]).length > HOOK_MAX) return invalid("notifyHook参数错误");
  return BOTS.includes(asText(body["botType"])) ? undefined : invalid("botType参数错误");
}

/** Code 24 for a prompt whose content is not taken. */
function refusedPrompt({ request }: Submit, prompt: string): WholeAnswer | undefined {
  return isRefused(request.faults, prompt) ? banned(prompt, "forbidden") : undefined;
}

/** Pictures as data URIs; gives what is wrong with them. */
function refusedPictures(pictures: string[]): WholeAnswer | undefined {
  if (new Set(pictures).size < pictures.length) return invalid("图片base64重复");
  for (const picture of pictures) {
    const bytes = dataOf(picture);
    if (!bytes || bytes.length < 12 || !isOfKind(bytes, "picture")) return invalid("base64格式错误");
  }
  return undefined;
}

const texts = (value: unknown): string[] => asList(value).map(asText);

/** `/submit/imagine` */
export function imagine(submit: Submit): WholeAnswer {
  const prompt = asText(submit.body["prompt"]).trim();
  if (prompt === "") return invalid("prompt不能为空");
  return refusedPrompt(submit, prompt) ?? refusedPictures(texts(submit.body["base64Array"])) ?? accept(submit.request, submit.owner, submit.body, { action: "IMAGINE", prompt, description: `/imagine ${prompt}`, works: worksOf("IMAGINE", sidesOf(prompt), prompt) });
}

/** `/submit/blend` */
export function blend(submit: Submit): WholeAnswer {
  const pictures = texts(submit.body["base64Array"]);
  if (pictures.length < 2 || pictures.length > 5) return invalid("base64List参数错误");
  const sides = BLENDS[asText(submit.body["dimensions"]) || "SQUARE"];
  if (!sides) return invalid("dimensions参数错误");
  const id = newId(submit.request);
  return refusedPictures(pictures) ?? refusedPrompt(submit, "") ?? accept(submit.request, submit.owner, submit.body, { action: "BLEND", prompt: "", description: `/blend ${id} ${pictures.length}`, works: worksOf("BLEND", sides, pictures.join().slice(-100)) }, id);
}

/** What describe and shorten answer: numbered prompts, an empty line between. */
const numbered = (prompts: string[]): string => prompts.map((prompt, index) => `${digit(index + 1)} ${prompt}`).join("\n\n");

/** `/submit/describe` */
export function describe(submit: Submit): WholeAnswer {
  const [base64, link] = [asText(submit.body["base64"]), asText(submit.body["link"])];
  if (base64 === "" && link === "") return invalid("base64不能为空");
  const refused = base64 === "" ? (inputFile(link, "picture", false) === "fits" ? undefined : invalid("link参数错误")) : refusedPictures([base64]);
  if (refused) return refused;
  const id = newId(submit.request);
  const seen = numbered(["a chess board of two colours, flat design", "two colours in squares, vector art", "checkered pattern, minimalism", "a board seen from above, studio light"].map((one) => `${one} --ar 1:1`));
  return refusedPrompt(submit, "") ?? accept(submit.request, submit.owner, submit.body, { action: "DESCRIBE", prompt: "", finalPrompt: seen, description: `/describe ${id}.png`, works: worksOf("DESCRIBE", [1024, 1024], id) }, id);
}

/** `/submit/shorten` */
export function shorten(submit: Submit): WholeAnswer {
  const prompt = asText(submit.body["prompt"]).trim();
  if (prompt === "") return invalid("prompt不能为空");
  const words = prompt.split(/\s+/);
  const shorter = numbered([5, 4, 3, 2, 1].map((part) => words.slice(0, Math.max(Math.ceil((words.length * part) / 6), 1)).join(" ")));
  return refusedPrompt(submit, prompt) ?? accept(submit.request, submit.owner, submit.body, { action: "SHORTEN", prompt, finalPrompt: shorter, description: `/shorten ${prompt}`, works: worksOf("SHORTEN", [1024, 1024], prompt) });
}

/** `/submit/edits` */
export function edits(submit: Submit): WholeAnswer {
  const [prompt, image] = [asText(submit.body["prompt"]).trim(), asText(submit.body["image"])];
  if (prompt === "") return invalid("prompt不能为空");
  if (image !== "" && inputFile(image, "picture", false) !== "fits") return invalid("image参数错误");
  return refusedPrompt(submit, prompt) ?? accept(submit.request, submit.owner, submit.body, { action: "EDITS", prompt, description: `/edit ${prompt}`, works: worksOf("EDITS", sidesOf(prompt), prompt) });
}

/** `/insight-face/swap` */
export function swapFace(submit: Submit): WholeAnswer {
  const pictures = [asText(submit.body["sourceBase64"]), asText(submit.body["targetBase64"])];
  if (pictures.includes("")) return invalid("sourceBase64或targetBase64不能为空");
  return refusedPictures(pictures) ?? refusedPrompt(submit, "") ?? accept(submit.request, submit.owner, submit.body, { action: "SWAP_FACE", prompt: "", description: "/swap", works: worksOf("SWAP_FACE", [1024, 1024], pictures.join().slice(-100)) });
}

/** The task that a change begins with, which must have succeeded; or what is wrong with it. */
export function parentOf({ request, owner }: Submit, id: string): Task | WholeAnswer {
  const parent = request.tasks.get(MIDJOURNEY, owner, id);
  if (!parent || parent.faults.has("lost-task")) return notFound();
  return momentOf(parent, request.now).phase === "succeeded" ? parent : invalid("关联任务状态错误");
}

const isTask = (value: Task | WholeAnswer): value is Task => "outputs" in value;

/** `/submit/action`: a button of a result is pressed. Some open a window: the task then waits for `/submit/modal`. */
export function press(submit: Submit, taskId: string, customId: string): WholeAnswer {
  const { request, owner, body } = submit;
  if (taskId === "" || customId === "") return invalid("参数错误");
  const parent = parentOf(submit, taskId);
  if (!isTask(parent)) return parent;
  const action = actionOf(customId);
  if (action === undefined) return invalid("不支持的动作");
  const button = buttonsOf(asText(parent.detail["action"]), asText(parent.detail["job"])).find((one) => one["customId"] === customId);
  if (!button) return notFound("关联动作不存在");
  const once = `${taskId} ${customId}`;
  const made = action === "UPSCALE" ? existing(request, owner, once) : undefined;
  if (made) {
    const { status, imageUrl } = showTask(request, made);
    return said(CODE.existed, "任务已存在", made.id, { status, imageUrl });
  }
  const chosen = /(?:PicReader|PromptAnalyzer)::(\d)/.exec(customId)?.[1];
  const prompt = chosen === undefined ? asText(parent.detail["prompt"]) : (asText(parent.detail["finalPrompt"]).split("\n\n")[Number(chosen) - 1] ?? "").replace(/^\S+ /, "");
  const seed = `${parent.id} ${customId}`;
  const works = action === "VIDEO" ? filmsOf("vid_1.1_i2v_480", 4, seed) : worksOf(action, sidesOf(prompt), seed);
  const work: Work = { action, prompt, description: `/up ${taskId} ${asText(button["emoji"])}${asText(button["label"])}`, works: works ?? worksOf(action, sidesOf(prompt), seed), customId, parent: taskId, once };
  if (opensWindow(customId)) {
    const id = newId(request);
    request.shelf.put(owner, id, { work, body, submitTime: request.now });
    return said(CODE.existed, "Waiting for window confirm", id, { finalPrompt: prompt, remix: true });
  }
  return accept(request, owner, body, work);
}

/** `/submit/change`: what a button does, by its name of old. */
export function change(submit: Submit, taskId: string, action: string, index: number | undefined): WholeAnswer {
  if (taskId === "") return invalid("taskId不能为空");
  if (!["UPSCALE", "VARIATION", "REROLL"].includes(action)) return invalid("action参数错误");
  if (action !== "REROLL" && (index === undefined || !Number.isInteger(index) || index < 1 || index > 4)) return invalid("index参数错误");
  const parent = parentOf(submit, taskId);
  if (!isTask(parent)) return parent;
  const label = `${action === "UPSCALE" ? "U" : "V"}${index}`;
  const button = buttonsOf(asText(parent.detail["action"]), asText(parent.detail["job"])).find((one) => (action === "REROLL" ? asText(one["customId"]).includes("::reroll::") : one["label"] === label));
  return button ? press(submit, taskId, asText(button["customId"])) : invalid("关联任务不允许执行变化");
}

/** `/submit/simple-change`: the same, written as "1320098173412546 U2". */
export function simpleChange(submit: Submit): WholeAnswer {
  const [, taskId = "", letter = "", index] = /^\s*(\d+)\s+(?:([UV])([1-4])|R)\s*$/i.exec(asText(submit.body["content"])) ?? [];
  if (taskId === "") return invalid("content参数错误");
  return change(submit, taskId, { U: "UPSCALE", V: "VARIATION" }[letter.toUpperCase()] ?? "REROLL", index === undefined ? undefined : Number(index));
}

/** A task whose window waits to be confirmed. */
export interface Waiting {
  work: Work;
  body: JsonObject;
  submitTime: number;
}

/** Takes a submit and an id; gives the task that waits under it. */
export const waitingOf = ({ request, owner }: Pick<Submit, "request" | "owner">, id: string): Waiting | undefined => request.shelf.get(owner, id) as Waiting | undefined;

/** `/submit/modal`: confirms the window, with another prompt or the region to paint anew. */
export function modal(submit: Submit): WholeAnswer {
  const { request, owner, body } = submit;
  const id = asText(body["taskId"]);
  const waiting = waitingOf(submit, id);
  if (!waiting) return request.tasks.get(MIDJOURNEY, owner, id) ? invalid("任务状态错误") : notFound("任务不存在或已失效");
  const prompt = asText(body["prompt"]).trim() || waiting.work.prompt;
  if (waiting.work.action === "INPAINT" && asText(body["maskBase64"]) === "") return invalid("蒙版base64不能为空");
  const refused = refusedPrompt(submit, prompt);
  if (refused) return refused;
  request.shelf.remove(owner, id);
  return accept(request, owner, { ...waiting.body, ...body }, { ...waiting.work, prompt, works: worksOf(waiting.work.action, sidesOf(prompt), `${id} ${prompt}`) }, id);
}

/** `/submit/video`: from a first picture, or going on from a film of a task. */
export function film(submit: Submit): WholeAnswer {
  const { request, owner, body } = submit;
  const [prompt, image, action] = [asText(body["prompt"]).trim(), asText(body["image"]), asText(body["action"])];
  if (!["", "low", "high"].includes(asText(body["motion"]))) return invalid("motion参数错误");
  const count = body["batchSize"] === undefined ? 4 : asNumber(body["batchSize"]);
  if (count !== 1 && count !== 2 && count !== 4) return invalid("batchSize参数错误");
  const works = filmsOf(asText(body["videoType"]) || "vid_1.1_i2v_480", count, `${prompt} ${asText(body["taskId"])}`);
  if (!works) return invalid("videoType参数错误");
  for (const name of ["image", "endImage"]) if (body[name] !== undefined && asText(body[name]) !== "" && inputFile(asText(body[name]), "picture", false) !== "fits") return invalid(`${name}参数错误`);
  if (action !== "" && action !== "extend") return invalid("action参数错误");
  const index = asNumber(body["index"]) ?? 0;
  if (action === "extend") {
    const parent = parentOf(submit, asText(body["taskId"]));
    if (!isTask(parent)) return parent;
    if (parent.detail["action"] !== "VIDEO") return invalid("关联任务不允许执行变化");
    if (!Number.isInteger(index) || index < 0 || index > 3 || index >= asList(parent.detail["films"]).length) return invalid("index参数错误");
  } else if (prompt === "" && image === "") return invalid("prompt或image不能为空");
  return refusedPrompt(submit, prompt) ?? accept(request, owner, body, { action: "VIDEO", prompt, description: `/video ${prompt}`, works, ...(action === "extend" ? { parent: asText(body["taskId"]) } : {}) });
}

/** `/submit/upload-discord-images`: puts pictures where Discord shows them. */
export function upload(submit: Submit, keep: (bytes: Uint8Array) => string): WholeAnswer {
  const pictures = texts(submit.body["base64Array"]);
  if (pictures.length === 0) return invalid("base64Array不能为空");
  return refusedPictures(pictures) ?? said(CODE.success, "提交成功", pictures.map((picture) => keep(dataOf(picture) ?? new Uint8Array())));
}

/** Takes a body that is JSON; gives the submit's parts. */
export const submitOf = (request: Received, owner: string): Submit => ({ request, owner, body: asObject(request.json) });
