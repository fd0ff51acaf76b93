/** What a proxy's task makes: the files of each action, as wishes. */
import type { FileWish } from "../../kit/media/file.ts";

/** Pixels of one picture of a grid, and the longest ratio taken. */
const TILE = 1024 * 1024;
const RATIO_MAX = 14;
/** Seconds of a film, and its sides by the class in `videoType`. */
const FILM_SECONDS = 5;
const FILM_SIDES: Record<string, [number, number]> = { "480": [832, 464], "720": [1280, 720] };

/** Takes a prompt; gives the sides of one picture of its grid by `--ar W:H`, square without one. */
export function sidesOf(prompt: string): [number, number] {
  const [, wide, high] = /--(?:ar|aspect)\s+(\d+):(\d+)/.exec(prompt) ?? [];
  const ratio = Number(wide ?? 1) / Number(high ?? 1);
  if (!(ratio >= 1 / RATIO_MAX && ratio <= RATIO_MAX)) return [1024, 1024];
  const sixteen = (side: number): number => Math.max(Math.round(side / 16) * 16, 16);
  return [sixteen(Math.sqrt(TILE * ratio)), sixteen(Math.sqrt(TILE / ratio))];
}

const still = (width: number, height: number, seed: string, format: "png" | "webp" = "png"): FileWish => ({ kind: "picture", width, height, format, seed });

/** Which of a task's files is what. */
export interface Works {
  outputs: FileWish[];
  /** number of the picture shown while it is being made; `undefined`: none */
  preview: number | undefined;
  /** numbers of the single pictures, of the films */
  singles: number[];
  films: number[];
}

/** Takes an action, its sides and a seed; gives its files. A grid comes with its four pictures and a preview. */
export function worksOf(action: string, [width, height]: [number, number], seed: string): Works {
  if (["UPSCALE", "DESCRIBE", "SHORTEN", "SWAP_FACE"].includes(action)) return { outputs: action === "SHORTEN" ? [] : [still(width, height, seed)], preview: undefined, singles: action === "SHORTEN" ? [] : [0], films: [] };
  const tiles = [1, 2, 3, 4].map((index) => still(width, height, `${seed} ${index}`));
  return { outputs: [still(width * 2, height * 2, seed), ...tiles, still(width / 2, height / 2, `${seed} preview`, "webp")], preview: 5, singles: [1, 2, 3, 4], films: [] };
}

/** Takes `videoType`, how many films and a seed; gives them with their first picture, `undefined` for a type there is none of. */
export function filmsOf(type: string, count: number, seed: string): Works | undefined {
  const sides = FILM_SIDES[/^vid_1\.1_i2v_(\d+)$/.exec(type)?.[1] ?? ""];
  if (!sides) return undefined;
  const [width, height] = sides;
  const films = Array.from({ length: count }, (_, index): FileWish => ({ kind: "video", width, height, duration: FILM_SECONDS, seed: `${seed} ${index}` }));
  return { outputs: [still(width, height, seed), ...films], preview: undefined, singles: [0], films: films.map((_, index) => index + 1) };
}
