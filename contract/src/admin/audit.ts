import { z } from "zod";
import { page, pageQuery, searchText, unixSeconds } from "../fields.ts";
import { route } from "../route.ts";

const entry = z.object({
  id: z.int(),
  at: unixSeconds,
  actor_id: z.int().nullable().describe("null: the gateway itself"),
  actor: z.string().nullable().describe("the account's name as it is now"),
  action: z.string().describe("such as `user.disable`"),
  subject: z.string().describe("what was changed, such as `user:7`"),
  before: z.unknown().describe("the members that changed, as they were; personal data and secrets are not repeated"),
  after: z.unknown(),
  request_id: z.string(),
});

/** Who changed what. */
export const AUDIT_ROUTES = {
  audit: route({
    method: "get",
    path: "/api/admin/audit",
    summary: "Changes by operators, newest first",
    who: "operator",
    words: "openai",
    query: z.object({ ...pageQuery, action: searchText.optional(), subject: searchText.optional() }),
    answer: page(entry),
  }),
};
