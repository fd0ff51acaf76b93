import type { z } from "zod";

/** A list of entries and where it stands, so that a fault names its file. */
export interface EntrySource {
  /** name of the file, or of the setting */
  file: string;
  /** entries as written */
  entries: readonly unknown[];
  /** the shape is known to be right: the shipped files, whose shape a test proves, so that every start need not (it took most of the load time) */
  checked?: true;
}

/** An entry whose shape has been checked, and where it stands. */
export interface ReadEntry<T> {
  value: T;
  /** `models-openai.json: gpt-4.1` */
  where: string;
}

/** Checks the shape of each entry of a source. Faults go to `faults`, each with file, entry and field; faulty entries are left out. */
export function readEntries<T>(
  source: EntrySource,
  schema: z.ZodType<T>,
  nameMember: "id" | "name",
  faults: string[],
): ReadEntry<T>[] {
  const read: ReadEntry<T>[] = [];
  const seen = new Set<string>();
  for (const [index, entry] of source.entries.entries()) {
    const name = nameOf(entry, nameMember) ?? `[${index}]`;
    const where = `${source.file}: ${name}`;
    if (seen.has(name)) faults.push(`${where}: stands twice in this file`);
    seen.add(name);
    if (source.checked) {
      read.push({ value: entry as T, where });
      continue;
    }
    const result = schema.safeParse(entry);
    if (result.success) read.push({ value: result.data, where });
    else
      for (const issue of result.error.issues)
        faults.push(`${where}${issue.path.length > 0 ? `.${issue.path.join(".")}` : ""}: ${issue.message}`);
  }
  return read;
}

/** Lays later entries over earlier ones of the same name, member by member. The order is that of first appearance. */
export function layered<T extends object>(
  entries: readonly ReadEntry<T>[],
  nameOfValue: (value: T) => string,
): ReadEntry<T>[] {
  const byName = new Map<string, ReadEntry<T>>();
  for (const { value, where } of entries) {
    const key = nameOfValue(value);
    byName.set(key, { value: { ...byName.get(key)?.value, ...value }, where });
  }
  return [...byName.values()];
}

function nameOf(entry: unknown, member: "id" | "name"): string | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const value: unknown = Reflect.get(entry, member);
  return typeof value === "string" ? value : undefined;
}
