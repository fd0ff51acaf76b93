import { expect, test } from "bun:test";
import { API_ROUTES } from "@yescale/contract";
import { EXAMPLES, filled } from "@yescale/contract/examples";
import { openApiDocument } from "@yescale/contract/openapi";
import { testGateway } from "../testing/gateway.ts";

/**
 * What the document shows is what works: each example is sent as it stands there, in the order of the file, by the least role that may.
 */
const gateway = await testGateway();
const user = await gateway.newCaller("50");
const operator = await gateway.newCaller("0", { role: 10 });
const owner = await gateway.newCaller("0", { role: 100 });
const CREDENTIALS = { anybody: undefined, "api key": user.apiKey, "access key": user.accessKey, account: user.accessKey, session: undefined, operator: operator.accessKey, owner: owner.accessKey };

interface Operation {
  parameters?: { name: string; in: string; example?: unknown; schema: unknown }[];
  requestBody?: { content: Record<string, { example?: unknown }> };
}
const { paths } = openApiDocument() as { paths: Record<string, Record<string, Operation>> };
const answers = new Map<string, unknown>();
const memberOf = (reference: string): unknown => {
  const [name = "", ...members] = reference.split(".");
  return members.reduce<unknown>((value, member) => (value as Record<string, unknown>)[member], answers.get(name));
};

for (const { address, name, params = {}, query, body } of EXAMPLES)
  test(`${address}: its example is answered with 200 in the shape that the document promises`, async () => {
    const [method = "", path = ""] = address.split(" ");
    expect(paths[path]?.[method], "stands in the document").toBeDefined();
    const route = API_ROUTES.find((each) => each.method === method && each.path === path);
    const credential = CREDENTIALS[route?.who ?? "api key"];
    const at = Object.entries(filled(params, memberOf)).reduce((text, [part, value]) => text.replace(`{${part}}`, encodeURIComponent(String(value))), path);
    const answer = await gateway.api(`${at}${query ? `?${new URLSearchParams(query).toString()}` : ""}`, {
      method: method.toUpperCase(),
      ...(credential === undefined ? {} : { as: credential }),
      ...(body === undefined ? {} : { body: filled(body, memberOf) }),
      headers: { accept: "application/json, text/event-stream" },
    });
    expect(answer.status, JSON.stringify(answer.body).slice(0, 500)).toBe(200);
    if (name !== undefined) answers.set(name, answer.body);
  });

test("every JSON body of an address that passes to a vendor has an example, and every one of a management address that needs nothing made before", () => {
  /** What is good once, or for one account, or stands with a payment service. */
  const elsewhere = /^\/api\/(auth\/|account\/organisations\/join|account\/redeem|user\/topup|account\/orders|sepay\/|stripe\/)|^\/api\/account$/;
  const without: string[] = [];
  for (const [path, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations)) {
      const content = operation.requestBody?.content;
      const json = content?.["application/json"];
      const isApi = API_ROUTES.some((route) => [route.path, ...(route.also ?? [])].includes(path));
      if (json === undefined || json.example !== undefined || content?.["multipart/form-data"] !== undefined) continue;
      if (isApi && (path.includes("{") || elsewhere.test(path))) continue;
      without.push(`${method} ${path}`);
    }
  expect(without).toEqual([]);
});

test("the document shows examples where they belong: in parameters and bodies, ids as numbers", () => {
  const edit = paths["/yescale/editkey/{key_id}"]?.["put"];
  expect([edit?.parameters?.find((parameter) => parameter.name === "key_id")?.example, edit?.requestBody?.content["application/json"]?.example]).toEqual([7, { name: "renamed", status: 1 }]);
  expect(paths["/yescale/logs"]?.["get"]?.parameters?.find((parameter) => parameter.name === "type")?.example).toBe("2");
  expect(paths["/chat/completions"]?.["post"]?.requestBody?.content["application/json"]?.example).toEqual(paths["/v1/chat/completions"]?.["post"]?.requestBody?.content["application/json"]?.example);
  expect(JSON.stringify(paths)).not.toContain("{key.");
});
