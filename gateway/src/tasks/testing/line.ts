import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A line to a database server that a test may cut and mend. */
export class Line<To extends { host: string; port: number }> {
  /** connections that found it cut */
  refused = 0;
  private isCut = false;
  private readonly ends = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly to: To,
  ) {}

  static async open<To extends { host: string; port: number }>(to: To): Promise<Line<To>> {
    const server = createServer();
    const line = new Line(server, to);
    server.on("connection", (near) => line.join(near));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  /** The server as it is reached by this line. */
  get connection(): To {
    return { ...this.to, host: "127.0.0.1", port: (this.server.address() as AddressInfo).port };
  }

  cut(): void {
    this.isCut = true;
    for (const end of this.ends) end.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private join(near: Socket): void {
    if (this.isCut) {
      this.refused += 1;
      near.destroy();
      return;
    }
    const { host, port } = this.to;
    const far = host.startsWith("/") ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      this.ends.add(one);
      one.on("error", () => undefined);
      one.on("close", () => {
        this.ends.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
