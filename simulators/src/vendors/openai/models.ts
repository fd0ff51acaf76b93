/** `GET /v1/models` and `GET /v1/models/{id}` (openai SDK: resources/models). */
import type { Received, WholeAnswer } from "../../kit/vendor.ts";
import { invalid, openAiHeaders, openAiRefusal } from "./errors.ts";

const LISTED = [
  "gpt-5.2",
  "gpt-5.1",
  "gpt-5",
  "gpt-5-mini",
  "gpt-5-nano",
  "gpt-4.1",
  "gpt-4.1-mini",
  "gpt-4.1-nano",
  "gpt-4o",
  "gpt-4o-mini",
  "gpt-4o-audio-preview",
  "gpt-3.5-turbo",
  "o1",
  "o3",
  "o3-mini",
  "o4-mini",
  "gpt-3.5-turbo-instruct",
  "text-embedding-3-small",
  "text-embedding-3-large",
  "text-embedding-ada-002",
  "omni-moderation-latest",
];
/** Unix seconds: every listed model was "created" then. */
const CREATED = 1_735_689_600;

/** Takes a model id; tells whether it exists here: any name of OpenAI's families does, unless it says that it does not. */
export const modelExists = (id: string): boolean =>
  /^(gpt-|o\d|chatgpt-|codex-|computer-use|ft:|text-embedding-|omni-moderation-|davinci-002|babbage-002)/.test(id) && !/not-exist|nonexist|unknown/.test(id);

/** Takes a model id; tells whether it makes embeddings. */
export const embeds = (id: string): boolean => id.startsWith("text-embedding-");

/** Takes a model id; tells whether it judges texts. */
export const moderates = (id: string): boolean => /^omni-moderation-(latest|\d{4}-\d\d-\d\d)$/.test(id);

/** Takes a model id; tells whether it takes plain prompts, and nothing else. */
export const completes = (id: string): boolean => /^(ft:)?(gpt-3\.5-turbo-instruct|davinci-002|babbage-002)/.test(id);

/** Takes a model id; tells whether it takes conversations. */
export const chats = (id: string): boolean => !embeds(id) && !completes(id) && !id.startsWith("omni-moderation");

/** Takes a model id; tells whether it thinks before it answers. */
export const isReasoning = (id: string): boolean => /^(o\d|gpt-([5-9]|\d\d)|codex-)/.test(id) && !id.includes("-chat");

/**
 * Takes a model id and the effort a chat request names ("" for none); tells whether chat completions refuses function tools then. The GPT-5.4 family does once an
 * effort is named, later ones, which reason by themselves, unless it is "none" (openai/openai-openapi issue 541; BerriAI/litellm pull request 34569).
 */
export function refusesChatTools(id: string, effort: string): boolean {
  if (!isReasoning(id) || effort === "none") return false;
  const [, major, minor] = /^gpt-(\d+)(?:\.(\d+))?/.exec(id) ?? [];
  const version = Number(major ?? 0) * 100 + Number(minor ?? 0);
  return version >= 505 || (version === 504 && effort !== "");
}

/** Takes a request and a model id; gives the 404 for a model that does not exist. */
export const unknownModel = (request: Received, id: string): WholeAnswer =>
  openAiRefusal(
    request,
    404,
    invalid(`The model \`${id}\` does not exist or you do not have access to it.`, null, "model_not_found"),
  );

const describe = (id: string): object => ({
  id,
  object: "model",
  created: CREATED,
  owned_by: id.startsWith("gpt-3") ? "openai" : "system",
});

/** Takes a request and the id in its path ("" for the list); gives the answer. */
export function models(request: Received, id: string): WholeAnswer {
  if (id !== "" && !modelExists(id)) return unknownModel(request, id);
  const body = id === "" ? { object: "list", data: LISTED.map(describe) } : describe(id);
  return { kind: "whole", status: 200, headers: openAiHeaders(request), body: JSON.stringify(body) };
}
