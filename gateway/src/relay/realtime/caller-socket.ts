/** The caller's side of a session, as the relay needs it. */
export interface CallerSocket {
  /** `full`: it was taken, and no more should follow until `drained`. `gone`: it was not taken. */
  send(data: string | Buffer): "sent" | "full" | "gone";
  close(code: number, reason: string): void;
}

/** What happens on a caller's socket. */
export interface CallerListener {
  opened(socket: CallerSocket): void;
  message(data: string | Buffer): void;
  drained(): void;
  /** the caller has left, or its connection broke */
  left(): void;
  /** The process is going down: what is under way may finish. */
  drain(): void;
  /** The process goes down now. Resolves when everything is billed. */
  stop(): Promise<void>;
}
