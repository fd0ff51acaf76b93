import { chargeTask } from "../catalog/index.ts";
import type { TaskTarget } from "../channels/task-plan.ts";
import type { Usage } from "../dialects/canonical/usage.ts";
import type { MediaReading } from "../vendors/_kit/media/adapter.ts";
import { endOf } from "./ends.ts";
import { next } from "./next-target.ts";
import { keepOutputs } from "./outputs.ts";
import type { Step } from "./step.ts";

/** The vendor has made it: the outputs are kept, what came back is charged. Nothing made is a failure, not a success. */
export async function succeed(step: Step, reading: MediaReading, place: Pick<TaskTarget, "channel" | "key">): Promise<void> {
  const { task, moves, turn } = step;
  const made = reading.outputs ?? [];
  if (made.length === 0) return next(step, { channel: place.channel, mark: task.credential ?? "", source: task.source }, { outcome: "made nothing", ms: 0 }, { kind: "server", text: "The vendor made nothing." });
  const usage = usageOf(reading, made);
  const outputs = await keepOutputs(step, made, place);
  const charge = task.sandbox ? { totalNano: 0n, lines: [], exceeded: [] } : chargeTask(task.terms, usage);
  await moves.end({
    ...endOf(step, "SUCCESS"), fence: turn.fence, outputs, usage, charge: Number(charge.totalNano), lines: charge.lines.map((line) => ({ ...line, amountNano: Number(line.amountNano) })), status: 200, end_reason: "complete",
    ...(charge.exceeded.length > 0 ? { anomaly: `the vendor reported more than was agreed: ${charge.exceeded.join(", ")}` } : {}),
  });
}

/** What the vendor reported; pictures that it did not count are those that came (M24, M41). */
function usageOf(reading: MediaReading, made: readonly { kind: string }[]): Usage {
  const pictures = made.filter(({ kind }) => kind === "image").length;
  return { ...(pictures > 0 ? { images: pictures } : {}), ...reading.usage };
}
