import type { CanonicalRequest } from "../dialects/canonical/request.ts";
import { TOKEN_COUNTING } from "../dialects/registry.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { Admission } from "./admission.ts";
import type { Bill } from "./bill.ts";
import type { RelayCall, RelayServices } from "./call.ts";
import { RequestTranslator } from "./request-translator.ts";

/** Says that a count is ours and not the vendor's. */
const ESTIMATED_HEADER = "x-yescale-estimated";

/** Whether nobody counts this model: no target can, or all that were asked know no such address. */
export const nobodyCounts = (call: RelayCall, admission: Admission, error: unknown): boolean =>
  !call.endpoint.billable && (admission.plan.targets.length === 0 || (error instanceof GatewayError && error.gatewayErrorName === "modelNotFound"));

/** Our own count, marked as one by a header. Throws GatewayError for a request that cannot be read. */
export async function estimatedCount(call: RelayCall, admission: Admission, bill: Bill, services: RelayServices): Promise<Response> {
  const counting = TOKEN_COUNTING[call.dialect.id];
  if (!counting) throw new GatewayError("internal", { internalText: `no token counting in ${call.dialect.id}` });
  const { tokens } = await services.tokens.countTokens(call.key.walletBudget, new RequestTranslator(call, admission.scan, services).whole() as CanonicalRequest, admission.model.id);
  await bill.close("complete", 200, { usage: {}, estimated: true });
  return Response.json(counting.answer(tokens), { headers: { ...call.ownHeaders, [ESTIMATED_HEADER]: "1" } });
}
