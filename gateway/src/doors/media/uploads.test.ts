import { expect, test } from "bun:test";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { testGateway } from "../../testing/gateway.ts";
import { UploadAllowance } from "./uploads.ts";

const gateway = await testGateway();
const caller = await gateway.newCaller("10");
const [stone, hill] = await Promise.all(["stone", "hill"].map((seed) => picture({ width: 64, height: 48, format: "png", seed })));
const uri = (bytes: Uint8Array | undefined, type = "image/png"): string => `data:${type};base64,${Buffer.from(bytes ?? []).toString("base64")}`;

interface Answer {
  code: number;
  description: string;
  result: unknown;
}

async function ask(path: string, body: object, key = caller.apiKey): Promise<{ status: number; json: Answer }> {
  const answer = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { "mj-api-secret": key, "content-type": "application/json" }, body: JSON.stringify(body) });
  return { status: answer.status, json: (await answer.json()) as Answer };
}

test.each(["/mj", "/mj-turbo/mj"])("%s: pictures are kept and their addresses given; a prompt may begin with one; nothing is charged", async (prefix) => {
  const orders = (): number => gateway.seen().filter(({ path }) => path.includes("/submit/")).length;
  const before = orders();
  const payer = await gateway.newCaller("10");
  const { status, json } = await ask(`${prefix}/submit/upload-discord-images`, { base64Array: [uri(stone), uri(hill)] }, payer.apiKey);
  expect([status, json.code]).toEqual([200, 1]);
  const [first, second] = json.result as string[];
  for (const [url, bytes] of [[first, stone], [second, hill]] as const) {
    const answer = await fetch(url ?? "");
    expect([answer.headers.get("content-type"), await answer.bytes()]).toEqual(["image/png", new Uint8Array(bytes ?? [])]);
  }
  expect(orders()).toBe(before);
  expect(await gateway.db.selectFrom("tasks").select("id").where("user_id", "=", payer.userId).execute()).toEqual([]);
  expect((await ask("/mj/submit/imagine", { prompt: `${first} a red stone` }, payer.apiKey)).json.code).toBe(1);
  for (let i = 0; i < 200 && orders() === before; i += 1) await Bun.sleep(20);
  expect(Buffer.from(gateway.seen().findLast(({ path }) => path.includes("/submit/"))?.body.base64 ?? "", "base64").toString()).toContain(`${first} a red stone`);
});

test("what is no picture, too large, too many or missing is refused in the envelope, and leaves nothing behind", async () => {
  const large = Buffer.concat([Buffer.from(stone ?? []), Buffer.alloc(25 * 1024 * 1024)]);
  for (const base64Array of [undefined, [], "x", [5], ["nonsense"], [uri(Buffer.from("<html>"))], [uri(Buffer.from("ID3 sound"), "image/png")], [uri(large)], Array.from({ length: 6 }, () => uri(stone))]) {
    const { status, json } = await ask("/mj/submit/upload-discord-images", { base64Array });
    expect([status, json.code, json.result]).toEqual([400, 4, ""]);
  }
  expect((await ask("/mj/submit/upload-discord-images", { base64Array: [uri(stone)] }, "sk-nonsense")).status).toBe(401);
}, 30_000);

test("an account leaves half a gigabyte an hour at most; others and the next hour have their own", () => {
  const allowance = new UploadAllowance();
  const half = 256 * 1024 * 1024;
  allowance.take(1, half, 3_600_000);
  allowance.take(1, half, 3_700_000);
  const refused = (): unknown => {
    try {
      return allowance.take(1, 1, 3_900_000);
    } catch (error) {
      return error instanceof GatewayError ? [error.gatewayErrorName, error.retryAfterSeconds] : error;
    }
  };
  expect(refused()).toEqual(["rateLimited", 3_300]);
  allowance.take(2, half, 3_900_000);
  allowance.take(1, half, 7_200_000);
});
