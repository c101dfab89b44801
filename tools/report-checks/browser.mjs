// browser.mjs CHROMIUM: opens the pages of HTML in this folder in a real browser, uses them, and writes screenshots.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const WIDTHS = [1280, 390];
const SLOWEST = 1000; // milliseconds until a page is there
const AXE = fs.readFileSync("node_modules/axe-core/axe.min.js", "utf8");
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const browser = await chromium.launch({ executablePath: process.argv[2], args: QUIET });
let failures = 0;

const open = async (name, { width = 1280, scheme = "light", ...more } = {}) => {
  const context = await browser.newContext({ viewport: { width, height: width > 600 ? 1000 : 844 }, colorScheme: scheme, ...more });
  const page = await context.newPage();
  page.said = [];
  page.on("console", (message) => page.said.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => page.said.push(`error: ${error}`));
  page.on("dialog", (dialog) => (page.said.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("request", (request) => request.url().startsWith("file:") || page.said.push(`request: ${request.url()}`));
  await page.goto(pathToFileURL(path.resolve(`${name}.html`)).href);
  return page;
};

const test = async (what, body) => {
  try {
    const said = await body();
    console.log(`ok    ${what}${said ? `: ${said}` : ""}`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL  ${what}\n${error.message}`);
  }
};

const used = async (name, options, body) => {
  const page = await open(name, options);
  try {
    const said = await body(page);
    assert.deepEqual(page.said, []);
    return said;
  } finally {
    await page.context().close();
  }
};

const shown = (page) => page.locator(".card:visible").count();

await test("the page of all samples is there within a second", () =>
  used("samples", {}, async (page) => {
    const times = [];
    for (let turn = 0; turn < 5; turn += 1) {
      await page.reload();
      times.push(await page.evaluate(() => performance.getEntriesByType("navigation")[0].loadEventEnd));
    }
    const least = Math.round(Math.min(...times));
    assert.ok(least < SLOWEST, `${least} ms`);
    return `${least} ms`;
  }));

await test("search, verdict, severity and rule narrow the keys, and reset brings them back", () =>
  used("samples", {}, async (page) => {
    const all = await shown(page);
    const told = () => page.locator("#shown").textContent();
    assert.equal(await told(), `All ${all} keys`);
    await page.fill("#search", "StringEquals wildcard");
    const found = await shown(page);
    assert.ok(found > 0 && found < all);
    assert.equal(await told(), `${found} of ${all} keys`);
    await page.fill("#search", "no key has these words");
    assert.equal(await shown(page), 0);
    assert.ok(await page.isVisible("#none"));
    await page.click("#again");
    assert.equal(await shown(page), all);
    await page.uncheck("input[name=verdict][value=passes]");
    const without = await shown(page);
    assert.ok(without < all);
    assert.equal(await page.locator(".card[data-verdict=passes]:visible").count(), 0);
    await page.selectOption("#rule", "CKV_CTKMS_023");
    const failing = await shown(page);
    assert.ok(failing > 0 && failing < without);
    await page.click("#unfold");
    assert.deepEqual(await page.locator(".finding:visible").evaluateAll((all) => [...new Set(all.map((one) => one.dataset.rule))]), ["CKV_CTKMS_023"]);
    await page.uncheck("input[name=severity][value=CRITICAL]");
    assert.equal(await shown(page), 0);
    await page.click("#everything");
    assert.equal(await shown(page), all);
    const control = page.locator("#rule optgroup:last-of-type option").first();
    await page.selectOption("#rule", { label: await control.textContent() });
    const related = await shown(page);
    assert.ok(related > 0 && related < all);
  }));

await test("everything is reached and used by keyboard", () =>
  used("made", {}, async (page) => {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "keys");
    await page.locator(".card > summary").first().focus();
    const before = await page.locator(".card").first().evaluate((card) => card.open);
    await page.keyboard.press("Enter");
    assert.equal(await page.locator(".card").first().evaluate((card) => card.open), !before);
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(outline, "solid");
  }));

await test("a link leads to a key that is filtered away or folded", () =>
  used("samples", {}, async (page) => {
    await page.fill("#search", "no key has these words");
    const link = page.locator("#rule-CKV_CTKMS_001 .on a").first();
    await page.locator("#rule-CKV_CTKMS_001 > summary").click();
    const target = (await link.getAttribute("href")).slice(1);
    await link.click();
    await page.waitForFunction((id) => document.getElementById(id).open, target);
    assert.ok(await page.isVisible(`#${target}`));
  }));

await test("the deciding element is marked, and its link leads to its line", () =>
  used("made", {}, async (page) => {
    assert.equal(await page.locator("mark").first().textContent(), '"arn:aws:cloudtrail:*"');
    const link = page.locator(".finding .at a").first();
    await link.click();
    const line = page.locator((await link.getAttribute("href")).replace(/^#(.*)$/, '[id="$1"]'));
    assert.ok((await line.textContent()).includes("StringEquals"));
  }));

await test("no foreign script runs", () =>
  used("made", {}, async (page) => {
    const blocked = await page.evaluate(
      () =>
        new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", (event) => resolve(event.violatedDirective));
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
          setTimeout(() => resolve("nothing"), 2000);
        }),
    );
    page.said.length = 0; // the browser reports what it blocked
    assert.ok(blocked.startsWith("script-src"), blocked);
    assert.equal(await page.evaluate(() => window.ran), undefined);
  }));

await test("a hostile scan does nothing", () =>
  used("hostile", {}, async (page) => {
    await page.click("#unfold");
    await page.fill("#search", "zzseen");
    assert.ok((await shown(page)) > 0);
    assert.equal(await page.title().then((title) => title.includes("zzseen")), false);
    assert.equal(await page.locator("main img, main svg, main iframe, main form:not(#filters)").count(), 0);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, "scrolls sideways");
  }));

await test("it is printed whole", () =>
  used("made", {}, async (page) => {
    await page.click("#fold");
    await page.pdf({ path: "made.pdf" });
    assert.ok(await page.locator(".card").first().evaluate((card) => card.open));
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.isVisible("#filters"), false);
  }));

await test("without scripts all is there to read", () =>
  used("made", { javaScriptEnabled: false }, async (page) => {
    assert.equal(await page.locator("#filters").isVisible(), false);
    assert.ok(await page.locator(".finding h4").first().isVisible());
  }));

for (const name of ["samples", "made", "nothing"]) {
  for (const width of WIDTHS) {
    for (const scheme of ["light", "dark"]) {
      await test(`${name} fits ${width} pixels, ${scheme}`, () =>
        used(name, { width, scheme }, async (page) => {
          await page.screenshot({ path: `${name}-${width}-${scheme}.png` });
          assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, "scrolls sideways");
        }));
      if (name === "samples") continue; // the same elements, thousands of times
      await test(`axe finds nothing in ${name}, ${width} pixels, ${scheme}`, () =>
        used(name, { width, scheme, bypassCSP: true }, async (page) => {
          await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
          await page.addScriptTag({ content: AXE });
          const { violations } = await page.evaluate(() => window.axe.run());
          const found = violations.map((one) => `${one.impact} ${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).slice(0, 3)}`);
          assert.deepEqual(found, []);
        }));
    }
  }
}

await browser.close();
process.exit(failures ? 1 : 0);
