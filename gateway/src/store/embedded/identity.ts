import { chmodSync, chownSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { runCommand } from "./commands.ts";
import { EmbeddedPostgresError, HINT_OWN_SERVER } from "./errors.ts";
import type { Layout } from "./layout.ts";

/** As whom Postgres runs: it refuses to run as root. */
export interface Identity {
  /** stands before the program's own command line; every program in it execs, so that the process id stays the server's */
  prefix: readonly string[];
  /** who owns the server's files, seen from the gateway; undefined on a system without user ids */
  owner: { uid: number; gid: number } | undefined;
  /** for the log */
  description: string;
}

/** A line of passwd(5). */
interface SystemUser {
  name: string;
  uid: number;
  gid: number;
}

/** Users that exist nearly everywhere for such ends; the first that works is taken. */
const FALLBACK_USERS = ["postgres", "nobody"];
/** What files of unmapped owners seem to belong to inside a namespace (kernel.overflowuid), so a poor name for ourselves. */
const OVERFLOW_UID = 65_534;

/**
 * Chooses as whom to run. An ordinary user: as it is. Root: as the owner of the database files, if that is another user;
 * in a user namespace of one user, which works even in a folder that nobody else can enter (a clone under /root), and
 * leaves all files root's; where the kernel or the container forbids that, as the data folder's owner, `postgres` or
 * `nobody`, if they can enter the folder. Throws `cannot_run_as_root`.
 */
export async function chooseIdentity(layout: Layout, postgres: string): Promise<Identity> {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid === undefined || gid === undefined)
    return { prefix: [], owner: undefined, description: "this user" };
  if (uid !== 0) return { prefix: [], owner: { uid, gid }, description: "this user" };

  const users = systemUsers();
  const tried: string[] = [];
  for (const identity of candidates(layout, users)) {
    const failed = await tryIdentity(identity, layout, postgres);
    if (failed === undefined) return identity;
    tried.push(`${identity.description}: ${failed}`);
  }
  throw new EmbeddedPostgresError(
    "cannot_run_as_root",
    `Postgres refuses to run as root, and nothing else works with ${layout.dataDir} (${tried.join("; ")}).`,
    [
      "run the gateway as an ordinary user",
      HINT_OWN_SERVER,
      "allow user namespaces (sysctl user.max_user_namespaces or kernel.unprivileged_userns_clone, or the container's seccomp profile)",
    ],
  );
}

function* candidates(layout: Layout, users: readonly SystemUser[]): Generator<Identity> {
  const clusterOwner = ownerOf(layout.cluster);
  if (clusterOwner !== undefined && clusterOwner.uid !== 0)
    yield systemUser("the database files' owner", clusterOwner);
  yield namespaceOf(users);
  const folderOwner = ownerOf(layout.dataDir);
  if (folderOwner !== undefined && folderOwner.uid !== 0)
    yield systemUser("the data folder's owner", folderOwner);
  for (const name of FALLBACK_USERS) {
    const user = users.find((each) => each.name === name);
    if (user !== undefined) yield systemUser(`user ${name}`, user);
  }
}

function namespaceOf(users: readonly SystemUser[]): Identity {
  // initdb asks passwd for the name of its user id, so the id inside must be one that has a name.
  const inside =
    users.find(({ uid }) => uid !== 0 && uid !== OVERFLOW_UID) ?? users.find(({ uid }) => uid !== 0);
  return {
    prefix: [
      "unshare",
      "--user",
      `--map-user=${inside?.uid ?? OVERFLOW_UID}`,
      `--map-group=${inside?.gid ?? OVERFLOW_UID}`,
    ],
    owner: { uid: 0, gid: 0 },
    description: "user namespace",
  };
}

const systemUser = (description: string, { uid, gid }: { uid: number; gid: number }): Identity => ({
  prefix: ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"],
  owner: { uid, gid },
  description,
});

/** Gives why it does not work, or undefined when it does. */
async function tryIdentity(
  identity: Identity,
  layout: Layout,
  postgres: string,
): Promise<string | undefined> {
  if (identity.owner !== undefined && identity.owner.uid !== 0) {
    const parent = dirname(layout.dataDir);
    if ((await runCommand([...identity.prefix, "test", "-x", parent])).status !== 0)
      return `cannot enter ${parent}`;
    letGroupPass(layout.dataDir, identity.owner.gid);
    letGroupPass(layout.home, identity.owner.gid);
  }
  const script = 'test -x "$1" || { echo "cannot enter $1"; exit 1; }; exec "$2" --version';
  const { status, output } = await runCommand([
    ...identity.prefix,
    "sh",
    "-c",
    script,
    "sh",
    layout.home,
    postgres,
  ]);
  return status === 0 ? undefined : output.replaceAll("\n", " ");
}

/**
 * Lets the server's group pass through a folder of root's own group, without seeing what is in it: the data folder also
 * holds secrets. Any other folder is left as it is.
 */
function letGroupPass(folder: string, gid: number): void {
  const { uid, gid: group, mode } = statSync(folder);
  if (uid !== 0 || (mode & 0o001) !== 0 || (group !== 0 && group !== gid)) return;
  chownSync(folder, uid, gid);
  // What root's group might do there, this group may not.
  chmodSync(folder, (group === gid ? mode & 0o7777 : mode & 0o7707) | 0o010);
}

function ownerOf(path: string): { uid: number; gid: number } | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && { uid: found.uid, gid: found.gid };
}

function systemUsers(): SystemUser[] {
  try {
    return readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .map((line) => line.split(":"))
      .filter((fields) => fields.length >= 4)
      .map(([name = "", , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  } catch {
    return [];
  }
}
