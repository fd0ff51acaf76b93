import { z } from "zod";

/** Somebody who makes what a model promises. */
export const sourceSchema = z.strictObject({
  /** the vendor's id, as channels name it */
  vendor: z.string().min(1),
  /** the model's name there, or the vendor's own path to it */
  model: z.string().min(1),
  /** its name there when pictures are given, where that is another one (fal's `/edit`, `/image-to-video`) */
  withImages: z.string().min(1).optional(),
  /** ISO date from which the vendor no longer serves it */
  retiredAt: z.iso.date().optional(),
});

/** Somebody who makes what a model promises, as written. */
export type ModelSource = z.infer<typeof sourceSchema>;

/** What is asked of a model here. */
interface Sourced {
  id: string;
  vendor: string;
  retiredAt?: string;
  replacedBy?: string;
  sources?: readonly ModelSource[];
}

/**
 * Who makes the model, in the order to ask: the written sources, else its vendor under its own name. Retired ones are there too: a model's own end is that of all sources of its own vendor, so that what was closed is never asked
 * again, and whoever else makes the same is.
 */
export const sourcesOf = (model: Sourced): readonly ModelSource[] =>
  (model.sources ?? [{ vendor: model.vendor, model: model.id }]).map((source) =>
    model.retiredAt === undefined || source.vendor !== model.vendor || source.retiredAt !== undefined ? source : { ...source, retiredAt: model.retiredAt });

/** The sources that still serve the model at that time. */
export const servedSources = (model: Sourced, nowUnixMs: number): readonly ModelSource[] =>
  sourcesOf(model).filter(({ retiredAt }) => !isPast(retiredAt, nowUnixMs));

/**
 * Whether the model is to be answered as retired: its vendor closed it, and no other source that is configured (`isConfigured`: some channel can serve it) makes the same. Callers are told
 * `retiredAt` and `replacedBy`.
 */
export function isRetired(model: Sourced, nowUnixMs: number, isConfigured: (source: ModelSource) => boolean = () => false): boolean {
  return isClosed(model, nowUnixMs) && !servedSources(model, nowUnixMs).some(isConfigured);
}

/** Whether the model's own vendor serves it no more; others may. */
export const isClosed = ({ retiredAt }: Pick<Sourced, "retiredAt">, nowUnixMs: number): boolean => isPast(retiredAt, nowUnixMs);

const isPast = (date: string | undefined, nowUnixMs: number): boolean => date !== undefined && Date.parse(date) <= nowUnixMs;
