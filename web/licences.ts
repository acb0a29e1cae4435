import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin, Rolldown } from "vite";

const ALLOWED = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "EPL-2.0",
  "ISC",
  "MIT",
  "MPL-2.0",
  "Zlib",
]);

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly repository?: string | { readonly url: string };
}

/** The licence of the expression's alternatives under which we may ship the package; undefined where there is none. */
export function usableLicence(expression: string | undefined): string | undefined {
  return expression
    ?.replace(/[()]/g, "")
    .split(" OR ")
    .find((alternative) => alternative.split(" AND ").every((part) => ALLOWED.has(part.trim())));
}

/** The folder of the installed package that a module of the bundle is from; undefined for our own modules. */
export function packageFolder(module: string): string | undefined {
  // a module of a package may be preceded by a mark of the bundler, and followed by a query
  const [, folder] = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module.replaceAll("\\", "/")) ?? [];
  return folder;
}

/** The files of licences and notices in a package: at its top, and in folders that are named so (parts of others). */
function licenceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((found) => /^(licen[cs]e|copying|notice)/i.test(found.name))
    .flatMap((found) => {
      const path = join(folder, found.name);
      return found.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
    })
    .sort();
}

/** Name, version, licence, source, and the texts of the licence and of notices of the package installed in a folder. */
export function entry(folder: string): string {
  const { name, version, license, repository } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  ) as Manifest;
  const licence = usableLicence(license);
  if (licence === undefined) {
    throw new Error(`${name} ${version}: licence ${license ?? "not told"} is not one that may be shipped`);
  }
  const files = licenceFiles(folder);
  if (files.length === 0) {
    throw new Error(`${name} ${version}: no text of its licence in ${folder}`);
  }
  const source = (typeof repository === "string" ? repository : repository?.url)?.replace(/^git\+/, "");
  const head = [`${name} ${version} (${licence})`, ...(source === undefined ? [] : [source])].join("\n");
  return [head, ...files.map((file) => readFileSync(file, "utf8").trim())].join("\n\n");
}

/**
 * Plugins that write `licences.txt`: of every package of which there is code in the bundle. Workers are bundled by
 * themselves, before the page that has their text in it.
 */
export function licences(): { ofPage: Plugin; ofWorkers: Plugin } {
  const folders = new Set<string>();
  const collect = (bundle: Rolldown.OutputBundle) => {
    for (const output of Object.values(bundle)) {
      for (const module of output.type === "chunk" ? output.moduleIds : []) {
        const folder = packageFolder(module);
        if (folder !== undefined) folders.add(folder);
      }
    }
  };
  return {
    ofWorkers: { name: "licences-of-workers", apply: "build", generateBundle: (_options, bundle) => collect(bundle) },
    ofPage: {
      name: "licences",
      apply: "build",
      generateBundle(_options, bundle) {
        collect(bundle);
        const source = `${[...folders]
          .sort()
          .map(entry)
          .join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
        this.emitFile({ type: "asset", fileName: "licences.txt", source });
      },
    },
  };
}
