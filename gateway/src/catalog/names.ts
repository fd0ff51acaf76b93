import type { Model } from "./model.ts";

/** Endings under which vendors publish states of one model: `-20250929`, `-2025-04-14`, `-001`, `-latest`. */
const DATED = /-(?:20\d{6}|20\d\d-\d\d-\d\d|0\d\d|latest)$/;
/** How Gemini's API writes a model's name. */
const GEMINI_PREFIX = "models/";

/** A name without the ending of a dated state. */
export const undated = (name: string): string => name.replace(DATED, "");

/**
 * Finds models by name. A name means, in this order: an id, an alias, the undated name of a model whose id is dated, or, once its own dated ending is
 * off, any of these. Gemini's models also answer to `models/` in front.
 */
export class ModelNames {
  private readonly exact = new Map<string, Model>();

  /** Adds to `faults` each alias that already means another model. */
  constructor(models: readonly Model[], faults: string[]) {
    for (const model of models) this.exact.set(model.id, model);
    for (const model of models)
      for (const alias of model.aliases ?? []) {
        const other = this.exact.get(alias);
        if (other && other !== model)
          faults.push(`model ${model.id}.aliases: "${alias}" already means ${other.id}`);
        else this.exact.set(alias, model);
      }
    // The latest dated state answers for the bare name; the dates sort as text.
    for (const model of models.toSorted((a, b) => (a.id < b.id ? 1 : -1))) {
      const bare = undated(model.id);
      if (!this.exact.has(bare)) this.exact.set(bare, model);
    }
  }

  /** The model that a name means, or undefined. */
  find(name: string): Model | undefined {
    const found = this.lookUp(name);
    if (found || !name.startsWith(GEMINI_PREFIX)) return found;
    const bare = this.lookUp(name.slice(GEMINI_PREFIX.length));
    return bare?.vendor === "gemini" ? bare : undefined;
  }

  private lookUp(name: string): Model | undefined {
    return this.exact.get(name) ?? this.exact.get(undated(name));
  }
}
