import { afterAll } from "bun:test";

/** A mail server that takes everything (RFC 5321) and keeps it. */
export function smtpSink() {
  const messages: { from: string; to: string[]; data: string }[] = [];
  const server = Bun.listen<{ text: string; inData: boolean; from: string; to: string[] }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.data = { text: "", inData: false, from: "", to: [] };
        socket.write("220 sink ESMTP\r\n");
      },
      data(socket, bytes) {
        const state = socket.data;
        state.text += bytes.toString();
        for (;;) {
          const end = state.text.indexOf(state.inData ? "\r\n.\r\n" : "\r\n");
          if (end < 0) return;
          const line = state.text.slice(0, end);
          state.text = state.text.slice(end + (state.inData ? 5 : 2));
          if (state.inData) {
            messages.push({ from: state.from, to: state.to, data: line });
            state.inData = false;
            state.to = [];
            socket.write("250 kept\r\n");
          } else socket.write(answer(line, state));
        }
      },
    },
  });
  const answer = (line: string, state: { inData: boolean; from: string; to: string[] }): string => {
    const address = /<(.*?)>/.exec(line)?.[1] ?? "";
    const command = line.slice(0, 4).toUpperCase();
    if (command === "EHLO" || command === "HELO") return "250 sink\r\n";
    if (command === "MAIL") state.from = address;
    if (command === "RCPT") state.to.push(address);
    if (command === "QUIT") return "221 bye\r\n";
    if (command !== "DATA") return "250 ok\r\n";
    state.inData = true;
    return "354 go on\r\n";
  };
  afterAll(() => server.stop(true));
  return { url: `smtp://127.0.0.1:${server.port}`, messages };
}
