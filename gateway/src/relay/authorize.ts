import { exchange } from "../egress/exchange.ts";
import type { Egress } from "../egress/upstream.ts";
import { CredentialError, type OutgoingRequest, type VendorAdapter } from "../vendors/_kit/adapter.ts";

/** Why a request could not be authorized; `kind` as a fault of the target (AttemptFailed). */
export class AuthorizeFailed extends Error {
  constructor(
    readonly kind: "auth" | "server",
    message: string,
  ) {
    super(message);
  }
}

/**
 * Puts the credential into a request that is otherwise complete (URL, headers, body): for most vendors a header, at once; for others a signature or a token that is
 * fetched by the channel's own way out. Rejects with AuthorizeFailed, or UpstreamFailure when the token endpoint cannot be reached.
 */
export function authorize(vendor: VendorAdapter, request: OutgoingRequest, credential: string, out: { egress: Egress; proxy: string | undefined }): Promise<void> | void {
  return vendor.sign ? signed(vendor, request, credential, out) : vendor.authorize(request.headers, credential);
}

async function signed(vendor: VendorAdapter, request: OutgoingRequest, credential: string, out: { egress: Egress; proxy: string | undefined }): Promise<void> {
  try {
    await vendor.sign?.(request, credential, { now: () => out.egress.clock.now(), exchange: (own) => exchange(own, out.egress, out.proxy) });
  } catch (error) {
    throw error instanceof CredentialError ? new AuthorizeFailed(error.kind, error.message) : error;
  }
}
