/**
 * What only Gemini understands travels in `own.values` under its path on the wire ("safetySettings", "generationConfig.mediaResolution"). Only the objects
 * named here are opened again: a path is the caller's word, and following it freely would reach `__proto__`.
 */
const OBJECTS = [
  "generationConfig.imageConfig.",
  "generationConfig.thinkingConfig.",
  "generationConfig.",
  "toolConfig.functionCallingConfig.",
  "toolConfig.",
] as const;

/** Gemini's own values sorted back to where they came from. `lost`: paths that no longer have a place (members of single parts). */
export interface PlacedOwn {
  body: [string, unknown][];
  generationConfig: [string, unknown][];
  imageConfig: [string, unknown][];
  thinkingConfig: [string, unknown][];
  toolConfig: [string, unknown][];
  functionCallingConfig: [string, unknown][];
  /** members of tools, by the rest of their path after "tools." */
  tools: [string, unknown][];
  lost: string[];
}

export function placeOwn(values: Record<string, unknown>): PlacedOwn {
  const placed: PlacedOwn = {
    body: [],
    generationConfig: [],
    imageConfig: [],
    thinkingConfig: [],
    toolConfig: [],
    functionCallingConfig: [],
    tools: [],
    lost: [],
  };
  for (const [path, value] of Object.entries(values)) {
    const prefix = OBJECTS.find((candidate) => path.startsWith(candidate));
    if (prefix) placed[prefix.slice(0, -1).split(".").at(-1) as "toolConfig"].push([path.slice(prefix.length), value]);
    else if (path.startsWith("tools.")) placed.tools.push([path.slice("tools.".length), value]);
    else if (path.startsWith("contents[") || path.startsWith("systemInstruction.") || path.startsWith("tools[")) placed.lost.push(path);
    else placed.body.push([path, value]);
  }
  return placed;
}
