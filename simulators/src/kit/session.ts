/** Sessions: conversations over a WebSocket. A vendor says what it answers to each message; pace, faults and records come from here. */
import type { ServerWebSocket } from "bun";
import { faultNumber, FaultSpecError, type FaultValues } from "./fault-spec.ts";
import type { JsonObject } from "./json.ts";
import type { Track } from "./track.ts";
import { breathe } from "./waiting.ts";

/** One message of the vendor's. "content" carries answer tokens: `cut` and `stall` count these. */
export interface SessionMessage {
  kind: "content" | "other";
  text: string;
  /** tokens in a "content" message, 1 by default */
  tokens?: number;
  /** the usage of the turn that ends with it, exactly as it is reported */
  usage?: JsonObject;
}

/** The vendor ends the session. */
export interface SessionClose {
  kind: "close";
  code: number;
  reason: string;
}

/** A vendor's side of one session. */
export interface Session {
  model: string;
  /** messages go out as binary frames */
  binary: boolean;
  /** Gives what is said when the session opens. */
  open(): Iterable<SessionMessage>;
  /** Takes a client's message and the faults in force; gives the answers, one by one. Must not wait. */
  message(text: string, faults: FaultValues): Iterable<SessionMessage | SessionClose>;
}

/** What a socket carries along. */
export interface SessionSocket {
  session: Session;
  /** Takes a client's message; gives its faults, on top of those the session was opened with. */
  faultsOf: (text: string) => FaultValues;
  /** Takes the message that asked for a turn; gives the record of the turn's exchange. */
  turn: (text: string) => Track;
  /** resolves when the client's socket has room again */
  room: PromiseWithResolvers<void> | undefined;
}

/** Messages between two breaths: few enough that others wait under a millisecond. */
const MESSAGES_PER_BREATH = 16;
/** Largest message taken (64 MiB): more than any vendor takes. */
export const SESSION_MESSAGE_MAX = 64 * 1024 * 1024;

type Socket = ServerWebSocket<SessionSocket>;

async function put(socket: Socket, text: string): Promise<void> {
  const status = socket.data.session.binary ? socket.sendBinary(Buffer.from(text)) : socket.sendText(text);
  if (status !== -1) return;
  socket.data.room ??= Promise.withResolvers<void>();
  await socket.data.room.promise;
}

/** Plays the answers to one message. */
async function play(socket: Socket, text: string): Promise<void> {
  const { session, faultsOf, turn } = socket.data;
  const faults = faultsOf(text);
  const [pace, cut, stall] = [faultNumber(faults, "pace"), faultNumber(faults, "cut"), faultNumber(faults, "stall")];
  let [sent, content] = [0, 0];
  let track: Track | undefined;
  for (const message of session.message(text, faults)) {
    if (socket.readyState !== WebSocket.OPEN) break;
    if (message.kind === "close") {
      socket.close(message.code, message.reason);
      break;
    }
    if (message.kind === "content") {
      if (cut === content) {
        socket.terminate();
        break;
      }
      if (stall === content) return;
      content += 1;
    }
    await put(socket, message.text);
    if (message.kind === "content" || message.usage) track ??= turn(text);
    track?.wrote(message.text);
    const { usage } = message;
    track?.sent({ kind: message.kind, text: "", tokens: message.tokens ?? 1, ...(usage ? { usage: () => usage } : {}) });
    if (usage) {
      track?.finish(true);
      track = undefined;
    }
    sent += 1;
    if (pace !== undefined) await Bun.sleep(pace);
    else if (sent % MESSAGES_PER_BREATH === 0) await breathe();
  }
  track?.finish(false);
}

/** The handlers of every session, for Bun.serve. */
export const sessionHandlers: Bun.WebSocketHandler<SessionSocket> = {
  maxPayloadLength: SESSION_MESSAGE_MAX,
  idleTimeout: 0,
  async open(socket) {
    for (const message of socket.data.session.open()) await put(socket, message.text);
  },
  async message(socket, data) {
    try {
      await play(socket, data.toString());
    } catch (error) {
      if (!(error instanceof FaultSpecError)) throw error;
      socket.close(1007, error.message.slice(0, 100));
    }
  },
  drain(socket) {
    socket.data.room?.resolve();
    socket.data.room = undefined;
  },
  close(socket) {
    socket.data.room?.resolve();
  },
};
