import { ERROR_KINDS, type ErrorKind, type ErrorName } from "./catalogue.ts";

/**
 * An error as a value. `publicText` is what the caller reads: never an upstream's address, key or channel.
 * `internalText` goes to the log only. Thrown only across async borders; doors render it.
 */
export class GatewayError extends Error {
  readonly gatewayErrorName: ErrorName;
  readonly kind: ErrorKind;
  readonly publicText: string;
  readonly internalText: string;
  /** the field of the request that is at fault, in the caller's words */
  readonly param: string | null;
  /** seconds after which another try makes sense; sent as Retry-After */
  readonly retryAfterSeconds: number | undefined;
  /** further headers of the answer, in the caller's dialect */
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(
    name: ErrorName,
    options: { publicText?: string; internalText?: string; param?: string; retryAfterSeconds?: number; headers?: Readonly<Record<string, string>> } = {},
  ) {
    const kind = ERROR_KINDS[name];
    const publicText = options.publicText ?? kind.publicText;
    super(options.internalText ?? publicText);
    this.gatewayErrorName = name;
    this.kind = kind;
    this.publicText = publicText;
    this.internalText = options.internalText ?? publicText;
    this.param = options.param ?? null;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.headers = options.headers;
  }
}

/** Any thrown thing as a GatewayError: ours stay, others become `internal` with their text kept inside. */
export function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return new GatewayError("internal", { internalText: text });
}
