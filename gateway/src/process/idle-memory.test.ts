import { expect, test } from "bun:test";
import { IdleMemory } from "./idle-memory.ts";

test("memory goes back when next to nothing was done from one look to the next, nothing is under way, and it has grown", () => {
  let [done, underWay, resident, collected] = [0, 0, 150e6, 0];
  const memory = new IdleMemory({ done: () => done, underWay: () => underWay, resident: () => resident }, () => {
    collected += 1;
    resident = 100e6;
  });
  const looks = (...expected: number[]): void => {
    for (const count of expected) {
      memory.look();
      expect(collected).toBe(count);
    }
  };
  // After a start as well; then there is nothing more to give.
  looks(0, 1, 1, 1);
  resident = 300e6;
  done += 5_000;
  looks(1);
  underWay = 1;
  looks(1, 1);
  underWay = 0;
  looks(2, 2);
  resident = 105e6;
  looks(2, 2);
  resident = 300e6;
  done += 3;
  looks(3);
  memory.stop();
});
