import { afterAll } from "bun:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

export interface OidcPerson {
  sub: string;
  email: string;
  email_verified: boolean;
  name: string;
}

/** A sign-in server of OpenID Connect (Core 1.0, Discovery 1.0; PKCE by RFC 7636): whoever comes is `person`, and is sent back at once. */
export async function oidcProvider(client: { id: string; secret: string }) {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const codes = new Map<string, { challenge: string; nonce: string | null }>();
  const provider = { issuer: "", person: { sub: "1", email: "someone@example.com", email_verified: true, name: "Someone" } as OidcPerson };
  const authorize = (url: URL): Response => {
    if (url.searchParams.get("client_id") !== client.id) return new Response("no such client", { status: 400 });
    const code = crypto.randomUUID();
    codes.set(code, { challenge: url.searchParams.get("code_challenge") ?? "", nonce: url.searchParams.get("nonce") });
    const back = new URL(url.searchParams.get("redirect_uri") ?? "");
    back.searchParams.set("code", code);
    back.searchParams.set("state", url.searchParams.get("state") ?? "");
    return Response.redirect(back.href, 302);
  };
  const token = async (request: Request): Promise<Response> => {
    const form = new URLSearchParams(await request.text());
    const [id, secret] = request.headers.has("authorization") ? Buffer.from((request.headers.get("authorization") ?? "").slice(6), "base64").toString().split(":") : [form.get("client_id"), form.get("client_secret")];
    const asked = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const proof = new Bun.CryptoHasher("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    if (id !== client.id || secret !== client.secret || !asked || (asked.challenge !== "" && asked.challenge !== proof)) return Response.json({ error: "invalid_grant" }, { status: 400 });
    const idToken = await new SignJWT({ ...provider.person, ...(asked.nonce === null ? {} : { nonce: asked.nonce }) })
      .setProtectedHeader({ alg: "RS256", kid: "1" }).setIssuer(provider.issuer).setAudience(client.id).setIssuedAt().setExpirationTime("5m").sign(privateKey);
    return Response.json({ access_token: crypto.randomUUID(), token_type: "Bearer", expires_in: 300, id_token: idToken, scope: "openid email profile" });
  };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const url = new URL(request.url);
      if (url.pathname === "/.well-known/openid-configuration")
        return Response.json({
          issuer: provider.issuer, authorization_endpoint: `${provider.issuer}/authorize`, token_endpoint: `${provider.issuer}/token`, userinfo_endpoint: `${provider.issuer}/userinfo`, jwks_uri: `${provider.issuer}/jwks`,
          response_types_supported: ["code"], subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["RS256"], code_challenge_methods_supported: ["S256"],
        });
      if (url.pathname === "/authorize") return authorize(url);
      if (url.pathname === "/token") return token(request);
      if (url.pathname === "/userinfo") return Response.json(provider.person);
      if (url.pathname === "/jwks") return Response.json({ keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "RS256", use: "sig" }] });
      return new Response(null, { status: 404 });
    },
  });
  provider.issuer = `http://127.0.0.1:${server.port}`;
  afterAll(() => server.stop(true));
  return provider;
}
