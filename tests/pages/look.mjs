// Looks at every page of `entente demo` in Chromium, wide and narrow, light and dark, signed in and
// not: no violation that axe-core finds, nothing wider than the window, no refusal by the content
// security policy, every status as it should be.
//
//   node tests/pages/look.mjs [--binary target/debug/entente] [--shots FOLDER]
//
// Needs Debian's Chromium and `npm ci` in this folder. Prints a line for each page; exits 1 when one
// is wrong. With --shots it leaves screenshots for a person to look at.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const here = path.dirname(fileURLToPath(import.meta.url));
const { values: asked } = parseArgs({
  options: {
    binary: { type: 'string', default: path.join(here, '../../target/debug/entente') },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    shots: { type: 'string' },
  },
});
const axe = fs.readFileSync(path.join(here, 'node_modules/axe-core/axe.min.js'), 'utf8');
const WINDOWS = [
  { width: 1280, colorScheme: 'light' },
  { width: 360, colorScheme: 'dark' },
];
let wrong = 0;

/** Starts the demo; gives its address, its members' tokens and its log. */
async function demo() {
  const child = spawn(asked.binary, ['demo', '--listen', '127.0.0.1:0']);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece) => { said += piece; });
  }
  for (let tries = 0; !/Ctrl-C ends it/.test(said); tries += 1) {
    if (tries > 600 || child.exitCode !== null) throw new Error(`the demo did not start: ${said}`);
    await new Promise((done) => { setTimeout(done, 100); });
  }
  const log = fs.readFileSync(said.match(/\S+demo\.log/)[0], 'utf8');
  return {
    child,
    url: said.match(/http:\/\/127\.0\.0\.1:\d+/)[0],
    tokens: said.match(/ent_\S+/g),
    log: log.split('\n').slice(0, 3000).join('\n'),
  };
}

/** What is wrong with the page as it is shown. */
async function faults(page, plain, url) {
  const found = [];
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (over > 0) found.push(`${over} px wider than the window`);
  // axe-core needs a script, which the policy forbids: it looks at a copy of the page.
  const html = await page.content();
  await plain.goto(`${url}/healthz`);
  await plain.setContent(html.replace(/(href|src)="\/assets/g, `$1="${url}/assets`));
  await plain.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
  await plain.evaluate(axe);
  const { violations } = await plain.evaluate(() => globalThis.axe.run(document));
  for (const { id, nodes } of violations) found.push(`axe ${id} at ${nodes[0].target.join(' ')}`);
  return found;
}

async function walk(browser, node, window) {
  const viewport = { width: window.width, height: 900 };
  const context = await browser.newContext({ viewport, colorScheme: window.colorScheme });
  const bare = await browser.newContext({ viewport, colorScheme: window.colorScheme, bypassCSP: true });
  const [page, plain] = [await context.newPage(), await bare.newPage()];
  for (const one of [page, plain]) one.setDefaultTimeout(120_000);
  const refused = [];
  page.on('console', (message) => {
    if (/Content.Security.Policy|Refused to/i.test(message.text())) refused.push(message.text());
  });
  const look = async (name, address, status = 200) => {
    const answer = address ? await page.goto(node.url + address) : null;
    const found = await faults(page, plain, node.url);
    if (answer && answer.status() !== status) found.push(`status ${answer.status()}, not ${status}`);
    found.push(...refused.splice(0));
    wrong += found.length ? 1 : 0;
    console.log(`${found.length ? 'not ok' : 'ok'} ${name} ${window.width} ${window.colorScheme}`);
    for (const fault of found) console.log(`    # ${fault}`);
    if (asked.shots) {
      fs.mkdirSync(asked.shots, { recursive: true });
      await page.screenshot({ path: `${asked.shots}/${name}-${window.width}.png`, fullPage: true });
    }
  };
  await look('home', '/');
  await look('launch-day', '/?as-of=2018-11-12');
  await look('register', '/register?q=mic&stance=signed');
  await look('register-identity', '/register?identity=listed&q=mic');
  await look('register-launch-day', '/register?as-of=2018-11-12');
  await look('party', '/party/united-states?as-of=2018-11-12');
  await look('pledge', '/pledge');
  await look('principle', '/principle/3');
  await look('talks', '/talks');
  await look('talks-launch-day', '/talks?as-of=2018-11-12');
  await look('diff', '/diff?from=2018-11-11&to=2019-06-30&known=2026-11-20');
  await look('diff-recorded', '/diff?from=2026-01-01&by=recorded');
  await look('diff-wrong', '/diff?from=soon', 400);
  await look('versions', '/pledge/versions');
  await look('version', '/pledge/versions/1');
  await look('party-terms', '/party/borealis-cert');
  await look('party-talks', '/party/meridian-observatory');
  await look('commitment-kept', await commitment(page, node.url, 'kept'));
  await look('commitment-late', await commitment(page, node.url, 'late'));
  await look('commitment-silent', await commitment(page, node.url, 'silent'));
  await look('party-commitments', '/party/aurelia-broadcasting');
  await look('principle-kept', '/principle/2');
  await look('requests', '/requests?kind=takedown');
  await page.goto(`${node.url}/requests`);
  await look('request-facts', await page.getAttribute('.requests .what a', 'href'));
  await look('contest-unknown', '/contest/nothing_AAAA', 404);
  await look('account', '/account');
  await look('account-all', '/account?show=all&kind=state');
  await look('account-month', '/account/2026-10');
  await look('account-entries', '/account/entries?figure=sent');
  await look('account-wrong-month', '/account/2999-01', 404);
  await look('embed', '/embed/growth');
  await look('embed-map', '/embed/map');
  await look('embed-requests', '/embed/requests');
  await look('wrong-day', '/register?as-of=soon', 400);
  await look('nowhere', '/nowhere', 404);
  await look('keep-informed', '/subscribe');
  await look('mail-link-of-nobody', '/mail/confirm/0.AAAAAAAAAAAAAAAAAAAAAA', 404);
  await look('sign-in', '/sign-in?next=/collections');
  await page.fill('#token', node.tokens[0]);
  await page.click('main button');
  await page.waitForURL('**/collections');
  await look('collections');
  await look('home-signed-in', '/');
  await look('inbox', '/inbox');
  await look('keep-informed-own', '/subscribe');
  await look('commit', '/commit?principle=2');
  await page.fill('#words', 'We do.');
  await page.fill('#target', 'much');
  await page.fill('#due', '2099-01-01');
  await page.click('main button.main');
  await page.waitForSelector('#problem');
  await look('commit-refused');
  await look('commitment-own', await commitment(page, node.url, 'kept'));
  await look('commitment-judge', await commitment(page, node.url, 'late'));
  await page.fill('#why', 'We called.');
  await page.click('button[formaction]');
  await page.waitForSelector('#judge + form [role=alert]');
  await look('commitment-refused');
  await look('requests-own', '/requests?mine=true');
  await look('request-own', await page.getAttribute('.requests .what a', 'href'));
  await look('request-new', '/requests/new');
  await page.goto(`${node.url}/collections`);
  await look('collection', await page.getAttribute('.cards h2 a', 'href'));
  const signal = await page.getAttribute('.signals .what a', 'href');
  await look('signal', signal);
  // Who publishes it is shown more.
  for (const token of node.tokens) {
    await page.goto(`${node.url}/sign-in?next=${signal}`);
    await page.fill('#token', token);
    await page.click('main button');
    await page.waitForURL(`**${signal}`);
    if (await page.$('#audience')) break;
  }
  await page.waitForSelector('#audience');
  await look('signal-published');
  await page.goto(`${node.url}/match`);
  // Typing half a megabyte takes a busy machine longer than pasting it.
  await page.evaluate((log) => { document.querySelector('#text').value = log; }, node.log);
  await page.click('main button');
  await page.waitForSelector('#found');
  await look('match');
  await receipts(page, node.url, look);
  // The party in talks has something to agree to.
  await page.goto(`${node.url}/sign-in?next=/party/meridian-observatory`);
  await page.fill('#token', node.tokens[2]);
  await page.click('main button');
  await page.waitForURL('**/party/meridian-observatory');
  await look('party-talks-own');
  await look('talks-own', '/talks');
  await look('inbox-talks', '/inbox');
  await context.close();
  await bare.close();
}

/** The page of the demo's commitment that stands so. */
async function commitment(page, url, keeping) {
  const answer = await page.request.get(`${url}/api/v1/commitments?keeping=${keeping}`);
  const { commitments } = await answer.json();
  return `/commitment/${commitments[0].id}`;
}

/** The page that checks receipts: a good one holds; one that was changed anywhere does not. */
async function receipts(page, url, look) {
  await look('verify', '/verify');
  const answer = await page.request.get(`${url}/log/receipt/5`);
  const receipt = await answer.text();
  const key = await page.inputValue('#keys');
  // From here on nothing may be asked of anybody.
  await page.context().setOffline(true);
  const check = async (name, text, keys, expected) => {
    await page.fill('#receipt', text);
    await page.fill('#keys', keys);
    await page.evaluate(() => { document.querySelector('#verdict-title').textContent = ''; });
    await page.click('#verify button');
    await page.waitForFunction(() => document.querySelector('#verdict-title').textContent);
    const said = (await page.innerText('#verdict')).replace(/\s+/g, ' ');
    const good = said.includes(expected);
    wrong += good ? 0 : 1;
    console.log(`${good ? 'ok' : 'not ok'} receipt: ${name}${good ? '' : `: ${said}`}`);
  };
  const lines = receipt.split('\n');
  const changed = (at, to) => lines.map((line, n) => (n === at ? to(line) : line)).join('\n');
  const flip = (line) => line.slice(0, 3) + (line[3] === 'A' ? 'B' : 'A') + line.slice(4);
  const extra = JSON.parse(atob(lines[1].slice(6)));
  const leaf = { ...extra, leaf: extra.leaf.replace('"act":"', '"act":"un') };
  const content = { ...extra, content: btoa(`${atob(extra.content)}x`) };
  const packed = (what) => changed(1, () => `extra ${btoa(JSON.stringify(what))}`);
  const root = lines.lastIndexOf('') - 2 >= 0 ? lines.indexOf('', 3) + 3 : 0;
  await check('as it is', receipt, key, 'It holds');
  await look('verify-holds');
  await check('another leaf', packed(leaf), key, 'does not lead to the checkpoint');
  await check('other content', packed(content), key, 'is not what the entry commits to');
  await check('another hash', changed(4, flip), key, 'does not lead to the checkpoint');
  await check('another index', changed(2, () => 'index 6'), key, 'It does not hold');
  await check('another root', changed(root, flip), key, 'It does not hold');
  const signed = lines.findIndex((line) => line.startsWith('\u2014'));
  const forge = (line) => line.replace(/.(..==|.=)?$/, (end) => (end[0] === 'A' ? 'B' : 'A') + end.slice(1));
  await check('forged', changed(signed, forge), key, 'forged');
  await check('no key of the log', receipt, key.replace(/^[^+]+/, 'other'), 'does not have its id');
  await look('verify-does-not-hold');
  await page.context().setOffline(false);
}

const node = await demo();
try {
  const browser = await chromium.launch({
    executablePath: asked.chromium,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  for (const window of WINDOWS) await walk(browser, node, window);
  await browser.close();
} finally {
  node.child.kill('SIGTERM');
}
console.log(wrong ? `${wrong} pages are wrong` : 'every page is as it should be');
process.exitCode = wrong ? 1 : 0;
