// markdown.mjs FILE...: what GitHub's Markdown makes of comments that it should not, a line each.
import fs from "node:fs";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";

const LINK = /<a [^>]*href="(?!https:\/\/docs\.aws\.amazon\.com\/)[^"]*"/g;
const ELEMENT = /<(script|style|img|svg|iframe|h1|em|del|ol|form|input)\b[^>]*>/g;
// What a rule advises to type, and what a repair changes; code of any other kind would be the scan's.
const CODE = /<pre>(?!<code class="language-(?:hcl|yaml|diff)">)/g;
for (const file of process.argv.slice(2)) {
  const html = micromark(fs.readFileSync(file), { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
  for (const [found] of [...html.matchAll(LINK), ...html.matchAll(ELEMENT), ...html.matchAll(CODE)]) console.log(`${file}: ${found}`);
  if (Buffer.byteLength(fs.readFileSync(file)) > 65_536) console.log(`${file}: longer than a comment`);
}
