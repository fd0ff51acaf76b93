/** The `ws` package under a name of its own: Bun puts an implementation of its own in the place of `ws`, which can neither be paused nor tells why a handshake was refused. */
declare module "ws-client" {
  export { WebSocket } from "ws";
}
