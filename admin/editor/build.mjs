// `make editor`: CodeMirror as one file among the panel's assets, uPlot as it is published, and the
// licences of both.
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const folder = new URL("../qlmodels_admin/static/vendor/", import.meta.url);

const { metafile } = await build({
  entryPoints: ["codemirror.js"],
  outfile: new URL("codemirror.js", folder).pathname,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  metafile: true,
  banner: { js: "/*! CodeMirror 6, MIT: see codemirror.LICENSE.txt */" },
});

const packages = new Set(
  Object.keys(metafile.inputs)
    .map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1])
    .filter(Boolean),
);
const licences = [];
for (const name of [...packages].sort()) {
  const { version } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  licences.push(`${name} ${version}\n\n${await readFile(`node_modules/${name}/LICENSE`, "utf8")}`);
}
await writeFile(new URL("codemirror.LICENSE.txt", folder), licences.join(`\n${"-".repeat(70)}\n\n`));

const uplot = "node_modules/uplot";
await copyFile(`${uplot}/dist/uPlot.iife.min.js`, new URL("uplot.js", folder));
await copyFile(`${uplot}/dist/uPlot.min.css`, new URL("uplot.css", folder));
const { version } = JSON.parse(await readFile(`${uplot}/package.json`, "utf8"));
const licence = await readFile(`${uplot}/LICENSE`, "utf8");
await writeFile(new URL("uplot.LICENSE.txt", folder), `uplot ${version}\n\n${licence}`);
