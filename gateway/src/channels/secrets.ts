import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";

/** `v1.<key id>.<iv>.<tag>.<ciphertext>`, base64url: AES-256-GCM (NIST SP 800-38D), 96-bit random nonce. */
const VERSION = "v1";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals upstream credentials for the database. The key comes from a file or the environment and is never stored beside them. */
export class SecretBox {
  private readonly keyId: string;

  /** `key` must be 32 bytes. */
  constructor(private readonly key: Buffer) {
    if (key.length !== KEY_BYTES) throw new Error(`the master key must be ${KEY_BYTES} bytes, not ${key.length}`);
    this.keyId = createHash("sha256").update("yescale-key-id").update(key).digest("base64url").slice(0, 8);
  }

  static newKey(): Buffer {
    return randomBytes(KEY_BYTES);
  }

  /** A secret for another purpose, made from the key: who knows it knows nothing of the key, nor of other purposes' secrets (HKDF, RFC 5869). */
  secretFor(purpose: string): string {
    return Buffer.from(hkdfSync("sha256", this.key, "", `yescale ${purpose}`, KEY_BYTES)).toString("base64url");
  }

  seal(secret: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.key, nonce);
    const sealed = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
    return [VERSION, this.keyId, nonce.toString("base64url"), cipher.getAuthTag().toString("base64url"), sealed.toString("base64url")].join(".");
  }

  /** Seals bytes for the place that `where` names: they open nowhere else. Nonce, tag and ciphertext one after another. */
  sealBytes(plain: Buffer, where: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.key, nonce).setAAD(Buffer.from(where));
    const sealed = [cipher.update(plain), cipher.final()];
    return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]);
  }

  /** Throws when the bytes were sealed with another master key or for another place, or were altered. */
  openBytes(sealed: Buffer, where: string): Buffer {
    const body = NONCE_BYTES + TAG_BYTES;
    if (sealed.length < body) throw new Error("not sealed bytes");
    const decipher = createDecipheriv("aes-256-gcm", this.key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES }).setAAD(Buffer.from(where));
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, body));
    return Buffer.concat([decipher.update(sealed.subarray(body)), decipher.final()]);
  }

  /** Throws when the text was sealed with another master key or was altered. */
  open(text: string): string {
    const [version, keyId, nonce, tag, sealed] = text.split(".");
    if (version !== VERSION || !nonce || !tag || sealed === undefined) throw new Error("not a sealed secret");
    if (keyId !== this.keyId) throw new Error("sealed with another master key");
    const decipher = createDecipheriv("aes-256-gcm", this.key, Buffer.from(nonce, "base64url"), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(Buffer.from(tag, "base64url"));
    return Buffer.concat([decipher.update(Buffer.from(sealed, "base64url")), decipher.final()]).toString("utf8");
  }
}

/** What notices to addresses of an account or an organisation are signed with: `whsec_` and base64, one for each (https://www.standardwebhooks.com). */
export const webhookSecretOf = (box: SecretBox, id: number, kind: "user" | "organisation" = "user"): string => `whsec_${Buffer.from(box.secretFor(`webhooks of ${kind} ${id}`), "base64url").toString("base64")}`;
