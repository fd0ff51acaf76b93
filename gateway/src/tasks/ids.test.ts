import { expect, test } from "bun:test";
import { type IdForm, newTaskId } from "./ids.ts";

const random = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));

test.each([["uuid", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/], ["decimal", /^1\d{31}$/], ["letters", /^[a-z0-9]{26}$/]] as [IdForm, RegExp][])("K11: ids of the form %s have their clients' form, are never the same, and do not follow from each other", (form, pattern) => {
  const ids = Array.from({ length: 100_000 }, () => newTaskId(form, random));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.slice(0, 1_000).every((id) => pattern.test(id))).toBe(true);
  // No beginning is shared by more than chance has it: of 100,000 ids about 6 share 6 digits with one.
  const beginnings = new Map<string, number>();
  for (const id of ids) beginnings.set(id.slice(0, 7), (beginnings.get(id.slice(0, 7)) ?? 0) + 1);
  expect(Math.max(...beginnings.values())).toBeLessThan(12);
});
