import { expect, test } from "bun:test";
import { FairQueue } from "./fair-queue.ts";

/** Items are named by their account. */
const [A, B, C] = [0x61, 0x62, 0x63] as const;

test("accounts take turns, and each one's items keep their order", () => {
  const queue = new FairQueue<string>();
  for (const item of ["a1", "a2", "a3", "b1", "a4", "c1", "b2"]) queue.push(item.charCodeAt(0), item);
  expect([queue.length, queue.lengthOf(A), queue.lengthOf(0)]).toEqual([7, 4, 0]);
  expect(Array.from({ length: 8 }, () => queue.shift())).toEqual(["a1", "b1", "c1", "a2", "b2", "a3", "a4", undefined]);
});

test("an account that comes back stands behind those who wait", () => {
  const queue = new FairQueue<string>();
  for (const item of ["a1", "a2", "b1"]) queue.push(item.charCodeAt(0), item);
  expect(queue.shift()).toBe("a1");
  queue.push(C, "c1");
  queue.push(A, "a3");
  expect(Array.from({ length: 4 }, () => queue.shift())).toEqual(["b1", "a2", "c1", "a3"]);
});

test("an item can leave out of turn; all can leave at once", () => {
  const queue = new FairQueue<string>();
  for (const item of ["a1", "a2", "b1"]) queue.push(item.charCodeAt(0), item);
  expect([queue.remove(B, "b1"), queue.remove(B, "b1"), queue.remove(A, "a1")]).toEqual([true, false, true]);
  expect([queue.length, queue.clear(), queue.length, queue.shift()]).toEqual([1, ["a2"], 0, undefined]);
});
