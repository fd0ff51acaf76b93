import { asGatewayError, GatewayError } from "../errors/gateway-error.ts";
import { isUnreachable } from "../store/database.ts";

/** Anything thrown as what its caller is told: a database that is away is no fault of the request, and another try may go well. */
export const knownError = (thrown: unknown): GatewayError => (isUnreachable(thrown) ? new GatewayError("databaseDown", { internalText: String(thrown), retryAfterSeconds: 2 }) : asGatewayError(thrown));
