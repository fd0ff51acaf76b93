import { asGatewayError, GatewayError } from "../../errors/gateway-error.ts";
import type { CallerListener, CallerSocket } from "./caller-socket.ts";
import { CLOSE, closeReason, MESSAGE_BYTES_MAX, SETUP_MS_MAX } from "./limits.ts";
import { openSession } from "./opening.ts";
import type { Opening, SessionCall, SessionServices } from "./session-call.ts";
import { Session } from "./session.ts";

/** All sessions of this process. */
export class Sessions {
  private readonly open = new Set<CallerListener>();
  private readonly ended = (one: CallerListener): void => void this.open.delete(one);

  constructor(private readonly services: SessionServices) {}

  get size(): number {
    return this.open.size;
  }

  /** A session whose model is known: admitted, paid for and connected when this resolves. Rejects with GatewayError. */
  async start(call: SessionCall, model: string): Promise<CallerListener> {
    return this.add(new Session(call, await openSession(call, model, this.services), this.services, this.ended));
  }

  /** A session whose first message names the model. */
  await(call: SessionCall): CallerListener {
    return this.add(new Setup(call, this.services, (opening) => this.add(new Session(call, opening, this.services, this.ended)), this.ended));
  }

  /** The process is going down: sessions end as soon as no turn is under way. */
  drain(): void {
    for (const one of this.open) one.drain();
  }

  /** Ends all sessions; resolves when everything is billed. */
  async stop(): Promise<void> {
    await Promise.all([...this.open].map((one) => one.stop()));
  }

  private add<T extends CallerListener>(one: T): T {
    this.open.add(one);
    return one;
  }
}

/** The time before the first message has been understood; then the session takes over. */
class Setup implements CallerListener {
  private caller: CallerSocket | undefined;
  private session: CallerListener | undefined;
  private readonly early: (string | Buffer)[] = [];
  private earlyBytes = 0;
  private over = false;
  private readonly timer: ReturnType<typeof setTimeout>;

  constructor(
    private readonly call: SessionCall,
    private readonly services: SessionServices,
    private readonly begin: (opening: Opening) => CallerListener,
    private readonly onOver: (one: CallerListener) => void,
  ) {
    this.timer = setTimeout(() => this.refuse(new GatewayError("requestTimeout", { publicText: "No setup message came." })), SETUP_MS_MAX);
  }

  opened(socket: CallerSocket): void {
    this.caller = socket;
  }

  message(data: string | Buffer): void {
    if (this.session) return this.session.message(data);
    if (this.over) return;
    this.earlyBytes += typeof data === "string" ? Buffer.byteLength(data) : data.length;
    if (this.earlyBytes > MESSAGE_BYTES_MAX) return this.refuse(new GatewayError("tooLarge", { publicText: "Too much was sent before the session was set up." }));
    this.early.push(data);
    if (this.early.length === 1) this.start(data.toString()).catch((error: unknown) => this.refuse(asGatewayError(error)));
  }

  drained(): void {
    this.session?.drained();
  }

  left(): void {
    this.finish();
    this.session?.left();
  }

  drain(): void {
    if (!this.session) this.refuse(new GatewayError("shuttingDown"));
  }

  stop(): Promise<void> {
    this.drain();
    return Promise.resolve();
  }

  private async start(setup: string): Promise<void> {
    const opening = await openSession(this.call, this.call.dialect.modelOfSetup?.(setup) ?? "", this.services);
    const session = this.begin(opening);
    if (this.over || !this.caller) {
      session.left();
      return;
    }
    this.finish();
    this.session = session;
    session.opened(this.caller);
    for (const data of this.early.splice(0)) session.message(data);
  }

  private refuse(error: GatewayError): void {
    if (this.over) return;
    this.finish();
    const { status } = error.kind;
    if (status >= 500) this.services.log.error({ requestId: this.call.id, error: error.internalText }, "session refused");
    const code = status === 413 ? CLOSE.tooBig : status === 429 || status === 503 ? CLOSE.tryAgain : status >= 500 ? CLOSE.internal : status === 400 ? CLOSE.badData : CLOSE.policy;
    this.caller?.close(code, closeReason(error.publicText));
  }

  private finish(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.onOver(this);
  }
}
