import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { Said } from "../../tasks/sayable.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { table } from "../../table.ts";

/** Deeper members are parts of what stands above them. */
const DEPTH_MAX = 3;
/** Of members that are nobody's so many are told, and so much of each name. */
const NAMED_MAX = 50;
const NAME_MAX = 100;
/** Members for us, at every door: whom to tell, what is wanted of whom. */
const OURS: ReadonlySet<string> = new Set(["notify_hook", "notifyHook", "callback_url", "webhook", "model", "user"]);

/** Members of a wish by the names that a family has for them: `parameters.negativePrompt` is one within another; the first that is said counts. */
export type FamilyWords = Readonly<Record<string, readonly string[]>>;

/**
 * What a caller has said in a family's words, for telling it what a model is not told: the members of the wish by its own names, and what the wish has no place for. `silent`: members that the door itself looks at, and that say
 * nothing of what is made.
 */
export function saidBy(json: JsonObject, words: FamilyWords, silent: readonly string[] = []): Said {
  const said = pathsOf(json);
  const paths = said.map(([path]) => path);
  // Whoever cannot be told of a member does nothing of the kind.
  const silences = new Set(said.flatMap(([path, value]) => (value === false || value === "auto" ? [path] : [])));
  const isIn = (path: string, name: string): boolean => path === name || path.startsWith(`${name}.`);
  const names: Record<string, string> = table({});
  // What goes on by its own name (`MediaWish.others`).
  for (const path of paths) if (!path.includes(".") && path.length <= NAME_MAX) names[path] = path;
  for (const [member, spellings] of Object.entries(words)) {
    const found = spellings.find((name) => paths.some((path) => isIn(path, name)));
    if (found === undefined) delete names[member];
    else names[member] = found;
  }
  const known = [...Object.values(words).flat(), ...silent];
  const own = paths.filter((path) => !OURS.has(path) && !silences.has(path) && !known.some((name) => isIn(path, name)));
  return { names, own: own.slice(0, NAMED_MAX).map((path) => path.slice(0, NAME_MAX)) };
}

/** Where something is said, and what. */
function pathsOf(json: JsonObject, above = "", depth = 1): [path: string, value: unknown][] {
  return Object.entries(json).flatMap(([name, value]): [string, unknown][] => {
    const path = `${above}${name}`;
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return [];
    return typeof value === "object" && !Array.isArray(value) && depth < DEPTH_MAX ? pathsOf(value as JsonObject, `${path}.`, depth + 1) : [[path, value]];
  });
}

/** What a wish says, by the names that most doors have for it: `aspectRatio` is `aspect_ratio`. */
export function namesOf(wish: MediaWish | undefined): Record<string, string> {
  const members = Object.entries(wish ?? {}).filter(([name, value]) => value !== undefined && name !== "kind" && name !== "others").map(([name]) => name);
  return Object.fromEntries([...members, ...Object.keys(wish?.others ?? {})].map((name) => [name, name === "count" ? "n" : name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]));
}
