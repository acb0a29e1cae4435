import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { entry, type Manifest, packageFolder, usableLicence } from "../licences.ts";

/** A folder as of an installed package, until the test ends. */
function installed(manifest: Manifest, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "package-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "licenses"));
  for (const [name, text] of Object.entries({ "package.json": JSON.stringify(manifest), ...files })) {
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe("the licence under which a package is shipped", () => {
  test.each([
    ["MIT", "MIT"],
    ["EPL-2.0 OR GPL-3.0-or-later", "EPL-2.0"],
    ["(GPL-2.0-only OR Apache-2.0)", "Apache-2.0"],
    ["MIT AND Zlib", "MIT AND Zlib"],
    ["MIT AND GPL-3.0-only", undefined],
    ["SEE LICENSE IN README", undefined],
    [undefined, undefined],
  ])("%s → %s", (expression, expected) => {
    expect(usableLicence(expression)).toBe(expected);
  });
});

describe("the package that a module is from", () => {
  test.each([
    ["/app/web/node_modules/preact/dist/preact.mjs", "/app/web/node_modules/preact"],
    ["/app/web/node_modules/@lezer/common/index.js?v=1", "/app/web/node_modules/@lezer/common"],
    ["/app/web/node_modules/a/node_modules/b/index.js", "/app/web/node_modules/a/node_modules/b"],
    ["\0C:\\app\\node_modules\\preact\\index.js", "C:/app/node_modules/preact"],
    ["/app/web/src/main.tsx", undefined],
  ])("%s → %s", (module, expected) => {
    expect(packageFolder(module)).toBe(expected);
  });
});

describe("what is told of a package", () => {
  test("is its licence and source, with the texts of the licence, of notices and of parts", () => {
    const files = { LICENSE: "the text\n", NOTICE: "a notice", "licenses/LICENSE-part": "of a part", "index.js": "1" };
    expect(
      entry(
        installed(
          {
            name: "@a/b",
            version: "1.2.3",
            license: "MIT OR GPL-3.0-only",
            repository: { url: "git+https://example.org/b.git" },
          },
          files,
        ),
      ),
    ).toBe("@a/b 1.2.3 (MIT)\nhttps://example.org/b.git\n\nthe text\n\na notice\n\nof a part");
  });

  test("ends the build where its licence may not be shipped", () => {
    const folder = installed({ name: "b", version: "1.0.0", license: "AGPL-3.0-only" }, { LICENSE: "the text" });
    expect(() => entry(folder)).toThrow("b 1.0.0: licence AGPL-3.0-only is not one that may be shipped");
  });

  test("ends the build where it has no text of its licence", () => {
    const folder = installed({ name: "b", version: "1.0.0", license: "MIT" }, {});
    expect(() => entry(folder)).toThrow("b 1.0.0: no text of its licence");
  });
});
