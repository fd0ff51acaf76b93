import { chatRequestBytes, SMALL_CHAT } from "../http/chat-request.ts";
import { Connection } from "../http/connection.ts";
import { within } from "../process/wait.ts";
import { atLeast, Row } from "../report/row.ts";
import { callOf, type Target } from "../targets/target.ts";
import type { Context } from "./context.ts";

interface Answer {
  encoding: string | undefined;
  status: number | undefined;
  body: Buffer;
}

async function ask(target: Target, acceptEncoding: string): Promise<Answer> {
  const call = callOf(target, { ...SMALL_CHAT, hints: { gzip: true } });
  const request = chatRequestBytes(
    call.path,
    { ...call.headers, "accept-encoding": acceptEncoding },
    call.request,
  );
  const connection = new Connection(target);
  const parts: Buffer[] = [];
  const exchange = await connection.exchange(request, {
    body: (bytes) => parts.push(Buffer.from(bytes)),
  });
  connection.close();
  return {
    status: exchange.head?.status,
    encoding: exchange.head?.headers.get("content-encoding"),
    body: Buffer.concat(parts),
  };
}

function unzipped(answer: Answer): string | undefined {
  try {
    return Buffer.from(Bun.gunzipSync(new Uint8Array(answer.body))).toString();
  } catch {
    return undefined;
  }
}

/** Scenario 6: whether a compressed answer reaches a caller who accepts it compressed, and holds what was sent. */
export async function compressed(context: Context): Promise<void> {
  const row = new Row("6 gzip answer", "passes compressed (1 yes, 0 no)", {
    comparable: false,
    goal: atLeast(1, "1"),
  });
  for (const target of context.targets) {
    const plain = await within(ask(target, "identity"), 10_000, `gzip: ${target.name}`);
    const packed = await within(ask(target, "gzip"), 10_000, `gzip: ${target.name}`);
    const whole =
      packed.status === 200 &&
      packed.encoding === "gzip" &&
      unzipped(packed) === plain.body.toString();
    row.record(target.name, whole ? 1 : 0);
    const story = `status ${packed.status}, content-encoding ${packed.encoding ?? "none"}, ${packed.body.length} bytes`;
    console.log(
      `  ${target.name}: ${whole ? "yes" : "no"} (${story}; uncompressed ${plain.body.length} bytes)`,
    );
  }
  context.rows.push(row);
}
