import type { Server, ServerWebSocket, WebSocketHandler } from "bun";
import type { SessionDialectId } from "../dialects/canonical/session.ts";
import { readSubprotocols } from "../dialects/openai-realtime/subprotocols.ts";
import { DIALECTS, SESSION_DIALECTS } from "../dialects/registry.ts";
import { asGatewayError, GatewayError } from "../errors/gateway-error.ts";
import type { CallerListener, CallerSocket } from "../relay/realtime/caller-socket.ts";
import { CALLER_BACKLOG_BYTES_MAX, CALLER_SILENCE_SECONDS, MESSAGE_BYTES_MAX } from "../relay/realtime/limits.ts";
import type { SessionCall } from "../relay/realtime/session-call.ts";
import { Sessions } from "../relay/realtime/sessions.ts";
import { METADATA_HEADER, readMetadata } from "../usage/metadata.ts";
import { authenticated, type DoorServices } from "./door.ts";
import { cleanPath, credentialOf, errorResponse, splitUrl } from "./http.ts";
import { ROUTE_RULES } from "./route-rules.ts";

/** What a caller's socket carries along. */
export interface RealtimeSocket {
  listener: CallerListener;
}

const PROTOCOLS: ReadonlyMap<string, SessionDialectId> = new Map([
  ...ROUTE_RULES.realtime.paths.map((path) => [path, "openai-realtime"] as const),
  ...ROUTE_RULES.geminiLive.paths.map((path) => [path, "gemini-live"] as const),
]);

/** The protocol of a cleaned path; undefined when it is no session's. */
export const protocolOf = (path: string): SessionDialectId | undefined => PROTOCOLS.get(path);

/** WebSocket in: `/v1/realtime` and Gemini's Live API. Refusals are HTTP answers in the vendor's own words as long as the upgrade has not been granted. */
export class RealtimeDoor {
  readonly sessions: Sessions;

  constructor(private readonly services: DoorServices) {
    this.sessions = new Sessions(services);
  }

  /** Whether a request is for this door. */
  takes(request: Request): boolean {
    return request.method === "GET" && protocolOf(cleanPath(splitUrl(request.url).path)) !== undefined;
  }

  /** Upgrades, or answers why not. Gives undefined when the socket has taken over. */
  async handle(request: Request, server: Server<RealtimeSocket>): Promise<Response | undefined> {
    const { services } = this;
    const { path, query } = splitUrl(request.url);
    const dialect = SESSION_DIALECTS[protocolOf(cleanPath(path)) ?? "openai-realtime"];
    const id = services.newRequestId();
    try {
      const sent = request.headers.toJSON() as Record<string, string>;
      if (sent["upgrade"]?.toLowerCase() !== "websocket") throw new GatewayError("upgradeRequired");
      if (services.stopping()) throw new GatewayError("shuttingDown", { retryAfterSeconds: 1 });
      const offered = readSubprotocols(sent["sec-websocket-protocol"]);
      const headers = { ...sent };
      if (offered.key !== undefined) headers["authorization"] ??= `Bearer ${offered.key}`;
      if (offered.beta !== undefined) headers["openai-beta"] ??= offered.beta;
      const credential = credentialOf(headers, query, dialect.id === "gemini-live" ? "x-goog-api-key" : "bearer");
      const socketAddress = server.requestIP(request)?.address ?? "";
      const address = (): string => services.callerAddress.of(socketAddress, headers["x-forwarded-for"] ?? null);
      const recheck = () => services.keys.authenticate(credential, address);
      const call: SessionCall = { id, at: services.clock.now(), startedAt: services.clock.monotonic(), dialect, key: authenticated(services, credential, address), recheck, headers, address };
      const said = headers[METADATA_HEADER];
      if (said !== undefined) call.metadata = readMetadata(said);
      const listener = dialect.modelOfSetup ? this.sessions.await(call) : await this.sessions.start(call, modelOf(query));
      const answer: Record<string, string> = { "x-request-id": id };
      if (offered.answer !== undefined) answer["sec-websocket-protocol"] = offered.answer;
      if (server.upgrade(request, { data: { listener }, headers: answer })) return undefined;
      listener.left();
      throw new GatewayError("invalidRequest", { publicText: "The WebSocket handshake is not valid." });
    } catch (thrown) {
      const error = asGatewayError(thrown);
      if (error.kind.status >= 500) services.log.error({ requestId: id, code: error.kind.code, error: error.internalText }, "session refused");
      const response = errorResponse(error, DIALECTS[dialect.refusals], id);
      response.headers.set("x-request-id", id);
      if (error.gatewayErrorName === "upgradeRequired") response.headers.set("upgrade", "websocket");
      return response;
    }
  }

  /** For Bun.serve. */
  handlers(): WebSocketHandler<RealtimeSocket> {
    return {
      // Ours is checked first and told in the caller's own protocol; this one only bounds what is collected.
      maxPayloadLength: MESSAGE_BYTES_MAX * 2,
      backpressureLimit: CALLER_BACKLOG_BYTES_MAX,
      closeOnBackpressureLimit: true,
      idleTimeout: CALLER_SILENCE_SECONDS,
      sendPings: true,
      perMessageDeflate: false,
      open: (socket) => socket.data.listener.opened(callerSocket(socket)),
      message: (socket, data) => socket.data.listener.message(data),
      drain: (socket) => socket.data.listener.drained(),
      close: (socket) => socket.data.listener.left(),
    };
  }
}

/** The `model` of the address: once, so that nobody else can read another. Throws GatewayError missingModel. */
function modelOf(query: string): string {
  const all = new URLSearchParams(query).getAll("model");
  const [model] = all;
  if (model === undefined || model === "" || all.length > 1) throw new GatewayError("missingModel", { publicText: "The address must name one model: ?model=...", param: "model" });
  return model;
}

function callerSocket(socket: ServerWebSocket<RealtimeSocket>): CallerSocket {
  return {
    /** Bun: -1 is taken but waiting, 0 is dropped. */
    send(data) {
      const status = typeof data === "string" ? socket.sendText(data) : socket.sendBinary(data as Buffer<ArrayBuffer>);
      return status === -1 ? "full" : status === 0 ? "gone" : "sent";
    },
    close: (code, reason) => socket.close(code, reason),
  };
}
