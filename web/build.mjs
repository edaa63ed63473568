// Writes templates/report.js, which is committed: the same sources give the same bytes.
// `node build.mjs --check` writes nothing, and fails where the committed bundle is another one.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const BUNDLE = here("../templates/report.js");

const built = await build({
  entryPoints: [here("src/main.jsx")],
  bundle: true,
  write: false,
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
// Inside a page, the text of the bundle must not look like the end of its element.
const text = built.outputFiles[0].text.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");

if (process.argv.includes("--check")) {
  if ((await readFile(BUNDLE, "utf8")) !== text) {
    console.error("templates/report.js is not what web/src gives: run scripts/build-page");
    process.exit(1);
  }
} else {
  await writeFile(BUNDLE, text);
  console.log(`templates/report.js: ${text.length} characters`);
}
