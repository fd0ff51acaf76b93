/** A browser as far as sign-in goes: keeps cookies, and says which page its requests come from. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  constructor(
    readonly url: string,
    /** the page that asks; another site's, for what must be refused */
    private readonly page = new URL(url).origin,
  ) {}

  /** The cookies as a request carries them. */
  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async ask<Body = Record<string, unknown>>(path: string, { method = "GET", body, headers = {} }: { method?: string; body?: unknown; headers?: Record<string, string> } = {}): Promise<{ status: number; body: Body; headers: Headers }> {
    const response = await fetch(path.startsWith("http") ? path : `${this.url}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...(this.cookies.size === 0 ? {} : { cookie: this.cookie }),
        ...(method === "GET" ? {} : { origin: this.page, "sec-fetch-site": this.page === new URL(this.url).origin ? "same-origin" : "cross-site" }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
    return { status: response.status, body: (isJson && text !== "" ? JSON.parse(text) : text) as Body, headers: response.headers };
  }

  post<Body = Record<string, unknown>>(path: string, body?: unknown): Promise<{ status: number; body: Body; headers: Headers }> {
    return this.ask<Body>(path, { method: "POST", ...(body === undefined ? {} : { body }) });
  }

  private keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    const [name = "", ...value] = pair.split("=");
    const gone = attributes.some((attribute) => /^max-age=(0|-\d+)$/i.test(attribute));
    if (gone || value.join("=") === "") this.cookies.delete(name);
    else this.cookies.set(name, value.join("="));
  }
}
