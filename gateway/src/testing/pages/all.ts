import { CHAT_PAGES } from "./chat.ts";
import { FAILED_PAGES } from "./failed.ts";
import { FAL_PAGES } from "./fal.ts";
import { FILM_PAGES } from "./films.ts";
import { MIDJOURNEY_PAGES } from "./midjourney.ts";
import type { Page } from "./page.ts";
import { PICTURE_PAGES } from "./pictures.ts";
import { SOUND_PAGES } from "./sound.ts";
import { SUNO_PAGES } from "./suno.ts";
import { SYSTEM_PAGES } from "./system.ts";
import { UNIFIED_PAGES } from "./unified.ts";

/** The whole documented surface: a documented endpoint more is a row in one of these. */
export const PAGES: readonly Page[] = [...CHAT_PAGES, ...SOUND_PAGES, ...PICTURE_PAGES, ...UNIFIED_PAGES, ...MIDJOURNEY_PAGES, ...FILM_PAGES, ...FAL_PAGES, ...SUNO_PAGES, ...SYSTEM_PAGES, ...FAILED_PAGES];
