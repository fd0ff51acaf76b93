import type { MediaDoc } from "./endpoint.ts";
import { HAILUO_DOC, KLING_DOC, PIKA_DOC, RUNWAY_DOC, SEEDANCE_DOC } from "./films.ts";
import { FAL_DOC, REPLICATE_DOC } from "./hosts.ts";
import { DREAM_MACHINE_DOC, LUMA_DOC } from "./luma.ts";
import { MIDJOURNEY_DOC } from "./midjourney.ts";
import { IDEOGRAM_DOC, RECRAFT_DOC } from "./pictures.ts";
import { SUNO_DOC } from "./suno.ts";
import { TASK_DOC, VEO_DOC } from "./task.ts";
import { GEMINI_FILMS_DOC, VIDEO_GENERATIONS_DOC, VIDEOS_DOC } from "./videos.ts";

export { type MediaEndpoint, withReferences } from "./endpoint.ts";
export { type InputRule, type InputRules, type ModelRules, rulesFor } from "./inputs/rule.ts";
export { FAL_INPUTS } from "./inputs/fal.ts";
export { DREAM_INPUTS, GOOGLE_VEO_INPUTS, HAILUO_INPUTS, HAILUO_SUBJECT, LUMA_INPUTS, PIKA_INPUTS, SEEDANCE_INPUTS, VEO_INPUTS } from "./inputs/films.ts";
export { RUNWAY_INPUTS, RUNWAY_RATIOS } from "./inputs/runway.ts";
export { KLING_INPUTS } from "./inputs/kling.ts";
export { IDEOGRAM_INPUTS, IDEOGRAM_UPSCALE } from "./inputs/ideogram.ts";
export { RECRAFT_INPUTS, RECRAFT_TOOL } from "./inputs/recraft.ts";
export { REPLICATE_INPUTS } from "./inputs/replicate.ts";
export { TASK_CONFIG } from "./task.ts";

/** Every address of slow work, family by family. */
export const MEDIA_DOCS: readonly MediaDoc[] = [TASK_DOC, FAL_DOC, REPLICATE_DOC, MIDJOURNEY_DOC, SUNO_DOC, IDEOGRAM_DOC, RECRAFT_DOC, KLING_DOC, RUNWAY_DOC, LUMA_DOC, DREAM_MACHINE_DOC, PIKA_DOC, HAILUO_DOC, SEEDANCE_DOC, VIDEOS_DOC, VIDEO_GENERATIONS_DOC, VEO_DOC, GEMINI_FILMS_DOC];
