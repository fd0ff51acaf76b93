import { expect, test } from "bun:test";
import { LargeBuffers } from "./large-buffers.ts";

const MB = 1024 * 1024;

test("a buffer that was given back serves the next body of its size", () => {
  const buffers = new LargeBuffers();
  const first = buffers.take(10 * MB);
  expect(first.length).toBe(10 * MB);
  buffers.giveBack(first);
  const second = buffers.take(9 * MB);
  expect(second.length).toBe(9 * MB);
  expect(second.buffer).toBe(first.buffer);
});

test("two bodies at a time never share a buffer, even when one is given back twice", () => {
  const buffers = new LargeBuffers();
  const first = buffers.take(MB);
  buffers.giveBack(first);
  buffers.giveBack(first);
  const [second, third] = [buffers.take(MB), buffers.take(MB)];
  expect(second.buffer).not.toBe(third.buffer);
});

test("what is not from here is not taken: other buffers, small and very large ones", () => {
  const buffers = new LargeBuffers();
  for (const bytes of [Buffer.alloc(MB), buffers.take(1000), buffers.take(20 * MB)]) {
    buffers.giveBack(bytes);
    expect(buffers.take(bytes.length).buffer).not.toBe(bytes.buffer);
  }
});

test("what lies unused is bounded, and gone when dropped", () => {
  const buffers = new LargeBuffers();
  const lent = Array.from({ length: 8 }, () => buffers.take(16 * MB));
  for (const bytes of lent) buffers.giveBack(bytes);
  const again = lent.map(() => buffers.take(16 * MB).buffer);
  expect(again.filter((buffer) => lent.some((bytes) => bytes.buffer === buffer))).toHaveLength(3);
  const last = buffers.take(MB);
  buffers.giveBack(last);
  buffers.drop();
  expect(buffers.take(MB).buffer).not.toBe(last.buffer);
});
