/** As much of S3 as the store uses, in memory, for tests: objects with ranges, uploads in parts, list, delete (Amazon S3 API reference). Signatures are not checked. */
export interface TinyS3 {
  url: string;
  newBucket(): number;
  stop(): void;
}

const xml = (body: string, headers: Record<string, string> = {}): Response => new Response(`<?xml version="1.0" encoding="UTF-8"?>${body}`, { headers: { "content-type": "application/xml", ...headers } });

/** Starts it on a free port of this host. */
export function startTinyS3(): TinyS3 {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  let buckets = 0;

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const key = decodeURIComponent(url.pathname.slice(1));
    const upload = url.searchParams.get("uploadId");
    if (request.method === "PUT" && upload !== null) {
      uploads.get(upload)?.set(Number(url.searchParams.get("partNumber")), Buffer.from(await request.arrayBuffer()));
      return new Response(null, { headers: { etag: '"part"' } });
    }
    if (request.method === "PUT") {
      objects.set(key, Buffer.from(await request.arrayBuffer()));
      return new Response(null, { headers: { etag: '"whole"' } });
    }
    if (request.method === "POST" && url.searchParams.has("uploads")) {
      const id = crypto.randomUUID();
      uploads.set(id, new Map());
      return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    }
    if (request.method === "POST" && upload !== null) {
      const parts = [...(uploads.get(upload) ?? [])].toSorted(([a], [b]) => a - b).map(([, part]) => part);
      objects.set(key, Buffer.concat(parts));
      return xml("<CompleteMultipartUploadResult><ETag>&quot;x&quot;</ETag></CompleteMultipartUploadResult>");
    }
    if (request.method === "DELETE") {
      if (upload === null) objects.delete(key);
      return new Response(null, { status: 204 });
    }
    if (url.searchParams.get("list-type") === "2") return list(key.replace(/\/$/, ""), url.searchParams.get("prefix") ?? "");
    const found = objects.get(key);
    if (!found) return new Response(request.method === "HEAD" ? null : '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', { status: 404 });
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "");
    const part = range ? found.subarray(Number(range[1]), Number(range[2]) + 1) : found;
    const headers = { etag: '"x"', "last-modified": new Date(0).toUTCString(), "content-length": String(part.length) };
    return new Response(request.method === "HEAD" ? null : new Uint8Array(part), { status: range ? 206 : 200, headers });
  }

  function list(bucket: string, prefix: string): Response {
    const keys = [...objects.keys()].filter((key) => key.startsWith(`${bucket}/${prefix}`)).map((key) => key.slice(bucket.length + 1));
    return xml(`<ListBucketResult><Name>${bucket}</Name><Prefix>${prefix}</Prefix><KeyCount>${keys.length}</KeyCount><IsTruncated>false</IsTruncated>${keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join("")}</ListBucketResult>`);
  }

  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", maxRequestBodySize: 1024 * 1024 * 1024, fetch: answer });
  return { url: `http://127.0.0.1:${server.port}`, newBucket: () => (buckets += 1), stop: () => void server.stop(true) };
}
