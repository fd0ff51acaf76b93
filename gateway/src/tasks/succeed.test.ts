import { expect, test } from "bun:test";
import { AssetError } from "../assets/storage.ts";
import { FakeClock } from "../clock/fake-clock.ts";
import { createLogger } from "../observe/log.ts";
import type { TaskEnd } from "../store/queries/tasks.ts";
import type { MediaOutput } from "../vendors/_kit/media/adapter.ts";
import type { Step } from "./step.ts";
import { succeed } from "./succeed.ts";

const picture = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

/** The end of a task of three pictures at 10 nano-dollars each, of which as many as `room` can be kept. */
async function end(outputs: MediaOutput[], room: number): Promise<TaskEnd | undefined> {
  let left = room;
  let said: TaskEnd | undefined;
  const step = {
    task: { id: "t", sandbox: false, attempts: [], memo: null, answer: null, terms: { model: "m", priceVersion: "v", ratioMicro: 1_000_000, variant: "", classes: [{ class: "images", expected: 3, worst: 3, unitPricePico: 10_000n.toString() }] } },
    turn: { fence: 1 },
    moves: { end: (given: TaskEnd) => ((said = given), Promise.resolve(true)) },
    services: {
      clock: new FakeClock(), log: createLogger("silent"), publicUrl: () => "http://here",
      assets: { put: (bytes: Buffer) => (left-- > 0 ? Promise.resolve({ name: "a", bytes: bytes.length, expiresAt: undefined }) : Promise.reject(new AssetError("no_space", "full"))) },
    },
  } as unknown as Step;
  await succeed(step, { state: "SUCCESS", outputs }, { channel: { vendor: "recraft", baseUrl: "http://there" } } as never);
  return said;
}

test("M08: bytes that could not be kept are no result: nothing is charged", async () => {
  expect(await end([{ kind: "image", bytes: picture }, { kind: "image", bytes: picture }], 0)).toMatchObject({ state: "FAILURE", charge: 0 });
});

test("M24, M41: of pictures those are paid that the caller gets", async () => {
  const three: MediaOutput[] = [1, 2, 3].map(() => ({ kind: "image", bytes: picture }));
  expect(await end(three, 3)).toMatchObject({ state: "SUCCESS", charge: 30 });
  expect(await end(three, 2)).toMatchObject({ state: "SUCCESS", charge: 20, usage: { images: 2 } });
});
