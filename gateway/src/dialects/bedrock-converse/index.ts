import { parseShallow } from "../canonical/depth.ts";
import type { AnswerFacts, VendorSide } from "../canonical/dialect.ts";
import { eachString } from "../canonical/event-text.ts";
import { objectOf, textOf } from "../canonical/fields.ts";
import { TokenEstimate } from "../canonical/token-estimate.ts";
import { completionTokens } from "../canonical/usage.ts";
import { ConverseMeter } from "./meter.ts";
import { readConverseUsage } from "./usage.ts";

/** AWS Bedrock's Converse (types of `@aws-sdk/client-bedrock-runtime`): a vendor's dialect only, no caller speaks it here. */
export const bedrockConverse: VendorSide = {
  id: "bedrock-converse",
  endsByClosing: false,

  readAnswer(body: Buffer): AnswerFacts {
    const answer = objectOf(parseShallow(body.toString("utf8")));
    if (answer["output"] === undefined) return { usage: undefined, deliveredTokens: 0, error: textOf(answer["message"], "the answer has no output") };
    const report = readConverseUsage(answer["usage"]);
    if (report && completionTokens(report.usage) > 0) return { ...report, deliveredTokens: 0, parsed: answer };
    const estimate = new TokenEstimate();
    const text = body.toString("latin1");
    for (const member of ['"text"', '"input"']) eachString(text, member, (from, to) => estimate.add(text, from, to));
    if (report && estimate.tokens === 0) return { ...report, deliveredTokens: 0 };
    return { usage: undefined, deliveredTokens: estimate.tokens };
  },

  meter: () => new ConverseMeter(),
};
