// Writes templates/report.js and the licences of what is in it. Both are committed: the same sources
// give the same bytes. `node build.mjs --check` writes nothing, and fails where they would change.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const BUNDLED = ["preact", "@tanstack/table-core", "@tanstack/store"];

const made = {
  "../templates/report.js": await bundle(),
  "../templates/report.licences.txt": await licences(),
};

async function bundle() {
  const { metafile, outputFiles } = await build({
    entryPoints: [here("src/main.jsx")],
    bundle: true,
    write: false,
    metafile: true,
    absWorkingDir: here("."),
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": '"production"' },
    banner: { js: "/* Built from web/src. With Preact and TanStack Table (MIT): see report.licences.txt. */" },
  });
  const others = Object.keys(metafile.inputs)
    .filter((path) => path.includes("node_modules/"))
    .filter((path) => !BUNDLED.some((name) => path.includes(`node_modules/${name}/`)));
  if (others.length) throw new Error(`no licence is kept of ${others.join(", ")}`);
  // Inside a page, the text of the bundle must not look like the end of its element.
  return outputFiles[0].text.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
}

async function licences() {
  const texts = BUNDLED.map(async (name) => {
    const { version, homepage } = JSON.parse(await readFile(here(`node_modules/${name}/package.json`), "utf8"));
    const licence = await readFile(here(`node_modules/${name}/LICENSE`), "utf8");
    return `${name} ${version}${homepage ? `, ${homepage}` : ""}\n\n${licence.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

for (const [path, text] of Object.entries(made)) {
  if (!process.argv.includes("--check")) {
    await writeFile(here(path), text);
  } else if ((await readFile(here(path), "utf8").catch(() => "")) !== text) {
    console.error(`${path.slice(3)} is not what web/src gives: run scripts/build-page`);
    process.exitCode = 1;
  }
}
