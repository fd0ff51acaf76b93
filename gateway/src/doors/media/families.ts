import type { Task } from "../../tasks/task.ts";
import { type RouteRule, TASK_BODY_BYTES_MAX } from "../route-rule.ts";
import { dreamMachine } from "./dream-machine.ts";
import { fal } from "./fal.ts";
import type { MediaFamily, MediaRoute, MediaTools } from "./family.ts";
import { geminiFilms } from "./gemini.ts";
import { hailuo } from "./hailuo.ts";
import { images } from "./images.ts";
import { kling } from "./kling.ts";
import { luma } from "./luma.ts";
import { midjourney } from "./midjourney.ts";
import { ideogram, recraft } from "./pictures.ts";
import { pika } from "./pika.ts";
import { replicate } from "./replicate.ts";
import { runway } from "./runway.ts";
import { seedance } from "./seedance.ts";
import { suno } from "./suno.ts";
import { unified } from "./unified.ts";
import { veo } from "./veo.ts";
import { videoGenerations } from "./video-generations.ts";
import { videos } from "./videos.ts";

/** All families of doors to tasks. A new one is a file here and a place in this list. */
export const MEDIA_FAMILIES: readonly MediaFamily[] = [unified, fal, replicate, midjourney, suno, ideogram, recraft, kling, runway, luma, dreamMachine, pika, hailuo, seedance, videos, videoGenerations, veo, geminiFilms, images];

/** A route of a family, as a request's address finds it. */
export interface FoundMediaRoute {
  family: MediaFamily;
  route: MediaRoute;
  rule: RouteRule;
  params: Record<string, string>;
}

interface Entry {
  family: MediaFamily;
  route: MediaRoute;
  rule: RouteRule;
  pattern: RegExp;
}

const ENTRIES: readonly Entry[] = MEDIA_FAMILIES.flatMap((family) => family.routes.flatMap((route) => {
  const rule = ruleOf(route);
  return route.paths.map((path) => ({ family, route, rule, pattern: patternOf(path) }));
}));

/** The rules of all doors to tasks, by name. */
export const MEDIA_RULES: Readonly<Record<string, RouteRule>> = Object.fromEntries(
  MEDIA_FAMILIES.flatMap((family) => family.routes.map((route) => [`${route.method} ${route.paths[0] ?? ""}`, ENTRIES.find((entry) => entry.route === route)?.rule as RouteRule])),
);

function ruleOf({ method, paths, bodies, priced, open }: MediaRoute): RouteRule {
  return { methods: method === "GET" ? ["GET", "HEAD"] : [method], paths, who: open ? "anybody" : "api key", price: priced ? "catalog" : "free", ...(bodies ? { bodies, bodyBytesMax: TASK_BODY_BYTES_MAX } : { bodies: [], bodyBytesMax: 0 }), errors: "media" };
}

/** `{name}` is one segment, `{name*}` the rest. */
function patternOf(path: string): RegExp {
  const source = path.replaceAll(/[.()+?^$|]/g, "\\$&").replaceAll(/\{(\w+)(\*)?\}/g, (_, name: string, rest: string | undefined) => (rest === undefined ? `(?<${name}>[^/]+)` : `(?<${name}>.+)`));
  return new RegExp(`^${source}$`);
}

/** First segments of all families: all that others need look at. */
const PREFIXES: ReadonlySet<string> = new Set(MEDIA_FAMILIES.flatMap(({ routes }) => routes.flatMap(({ paths }) => paths.map((path) => path.split("/")[1] ?? ""))));

/** The route of an address; the methods that it takes when it is known by others only; undefined when it is no family's. */
export function findMediaRoute(method: string, path: string): FoundMediaRoute | { allow: string; family: MediaFamily } | undefined {
  if (!PREFIXES.has(path.split("/", 2)[1] ?? "")) return undefined;
  const asked = method === "HEAD" ? "GET" : method;
  let other: { allow: string; family: MediaFamily } | undefined;
  for (const { family, route, rule, pattern } of ENTRIES) {
    const groups = pattern.exec(path);
    if (!groups) continue;
    if (route.method === asked) return { family, route, rule, params: Object.fromEntries(Object.entries(groups.groups ?? {}).map(([name, value]) => [name, decoded(value)])) };
    other = { allow: other ? `${other.allow}, ${route.method}` : route.method, family };
  }
  return other;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** A task in the envelope of the family that it came in by: what notices carry. */
export function inItsEnvelope(task: Task, tools: Pick<MediaTools, "brand">, origin: string): object {
  const family = MEDIA_FAMILIES.find(({ id }) => id === task.family) ?? unified;
  return family.notice ? family.notice(task, tools, origin) : family.render(task, tools, origin);
}
