// The story of a takedown in Chromium, through forms alone: Aurelia is asked by Borealis, asks back, does
// it, makes a link; whoever it affects contests without an account; another account of Aurelia reverses;
// it is undone. Three people in three sessions, and one in none. Every page on the way is held to
// axe-core, the window and the content security policy, and each step's receipt to `entente verify`.
//
//   node tests/pages/story.mjs [--binary target/debug/entente] [--shots FOLDER]

import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
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
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'entente-story-'));
let wrong = 0;

function say(good, name, words = '') {
  wrong += good ? 0 : 1;
  console.log(`${good ? 'ok' : 'not ok'} ${name}${words ? `: ${words}` : ''}`);
}

/** Starts the demo; gives its address, data directory and members. */
async function demo() {
  const child = spawn(asked.binary, ['demo', '--json', '--listen', '127.0.0.1:0']);
  let [said, told] = ['', ''];
  child.stdout.on('data', (piece) => { said += piece; });
  child.stderr.on('data', (piece) => { told += piece; });
  for (let tries = 0; !/Ctrl-C ends it/.test(told); tries += 1) {
    if (tries > 1200 || child.exitCode !== null) throw new Error(`the demo did not start: ${told}`);
    await new Promise((done) => { setTimeout(done, 100); });
  }
  return { child, ...JSON.parse(said.split('\n')[0]) };
}

function entente(...args) {
  return execFileSync(asked.binary, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A person at a browser of their own. */
class Person {
  static async of(browser, node, name, token, width, colorScheme) {
    const person = new Person();
    const viewport = { width, height: 900 };
    person.name = name;
    person.url = node.url;
    person.page = await (await browser.newContext({ viewport, colorScheme })).newPage();
    person.plain = await (await browser.newContext({ viewport, colorScheme, bypassCSP: true })).newPage();
    person.page.on('console', (message) => {
      if (/Content.Security.Policy|Refused to/i.test(message.text())) say(false, name, message.text());
    });
    if (token) {
      await person.page.goto(`${node.url}/sign-in?next=/requests`);
      await person.page.fill('#token', token);
      await person.page.click('main button');
      await person.page.waitForURL('**/requests');
    }
    return person;
  }

  /** Nothing is wrong with the page as it is shown. */
  async look(name) {
    const over = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    const html = await this.page.content();
    await this.plain.goto(`${this.url}/healthz`);
    await this.plain.setContent(html.replace(/(href|src)="\/assets/g, `$1="${this.url}/assets`));
    await this.plain.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
    await this.plain.evaluate(axe);
    const { violations } = await this.plain.evaluate(() => globalThis.axe.run(document));
    const found = violations.map(({ id, nodes }) => `axe ${id} at ${nodes[0].target.join(' ')}`);
    if (over > 0) found.push(`${over} px wider than the window`);
    say(found.length === 0, `${this.name} sees ${name}`, found.join('; '));
    if (asked.shots) {
      fs.mkdirSync(asked.shots, { recursive: true });
      const file = `${name.replace(/\W+/g, '-')}-${this.name.replace(/\W+/g, '-')}.png`;
      await this.page.screenshot({ path: path.join(asked.shots, file), fullPage: true });
    }
  }

  async open(id) {
    await this.page.goto(`${this.url}/requests/${id}`);
  }

  /** Takes a step by its form; gives what the page says then. */
  async step(verb, words, more = async () => {}) {
    await this.page.click(`#step-${verb} summary`);
    if (words) await this.page.fill(`#words-${verb}`, words);
    const confirm = this.page.locator(`#step-${verb} input[name=confirm]`);
    if (await confirm.count()) await confirm.check();
    await more(this.page);
    await Promise.all([
      this.page.waitForNavigation(),
      this.page.click(`#step-${verb} button`),
    ]);
    return this.page.innerText('main');
  }
}

async function story(browser, node) {
  const [aurelia, borealis, meridian] = node.members;
  const second = entente('token', 'create', '--party', aurelia.party, '--account', 'reviewer',
    '--scope', 'read,publish', '--data', node.data).trim();
  const sender = await Person.of(browser, node, 'the sender', borealis.token, 1280, 'light');
  const host = await Person.of(browser, node, 'the recipient', aurelia.token, 1280, 'dark');
  const reviewer = await Person.of(browser, node, 'the reviewer', second, 360, 'light');
  const third = await Person.of(browser, node, 'a third party', meridian.token, 360, 'dark');
  const anybody = await Person.of(browser, node, 'whoever it affects', null, 360, 'light');

  await sender.page.goto(`${node.url}/requests/new?to=${aurelia.party}&kind=takedown`);
  await sender.look('the form to ask');
  const page = sender.page;
  await page.fill('#title', 'Incitement <b>on</b> page 7');
  await page.fill('#words', 'On page 7 people are called upon to burn down a house.');
  await page.click('.do button.main');
  await page.waitForSelector('#problem');
  const problem = await page.innerText('#problem');
  say(/ground/.test(problem), 'a takedown without a ground is not sent', problem);
  say(await page.inputValue('#title') === 'Incitement <b>on</b> page 7', 'what was typed stays');
  await page.fill('#targets', 'https://page-seven.example/7');
  await page.fill('#ground', 'Penal Code, section 130');
  await page.fill('#why', 'It calls for violence.');
  await page.fill('#contact-name', 'Ana');
  await page.fill('#contact-email', 'ana@borealis.example');
  await page.check('[name=good_faith]');
  await page.click('.do button.main');
  await page.waitForLoadState();
  if (await page.locator('#problem').count()) say(false, 'the takedown is sent', await page.innerText('#problem'));
  await page.waitForURL(/requests\/[0-9a-f]{8,}/);
  const id = new URL(page.url()).pathname.split('/').pop();
  await sender.look('the request that was sent');
  say(!(await page.content()).includes('href="https://page-seven'), 'a target is no link');

  await host.page.goto(`${node.url}/requests`);
  await host.look('what waits for it');
  say((await host.page.innerText('main')).includes('They wait for you'), 'it waits for the recipient');
  await host.open(id);
  await host.look('the request with what it may do');
  await host.step('ask', 'Which of the comments there?');
  await sender.open(id);
  const file = path.join(folder, 'page.txt');
  fs.writeFileSync(file, 'the first comment');
  await sender.step('answer', 'The first one.', (on) => on.setInputFiles('#file-answer', file));
  await host.open(id);
  const [saved] = await Promise.all([host.page.waitForEvent('download'), host.page.click('.files a')]);
  say(fs.readFileSync(await saved.path(), 'utf8') === 'the first comment', 'what is attached is saved, not shown');
  await host.step('accept', 'Today.');
  // A form that was open meanwhile does not overwrite.
  const stale = await browser.newContext({ storageState: await host.page.context().storageState() });
  const other = await stale.newPage();
  await other.goto(`${node.url}/requests/${id}`);
  const done = await host.step('done', 'The first comment is gone.');
  say(/Done by Aurelia/.test(done), 'it is done');
  await other.click('#step-done summary');
  await other.fill('#words-done', 'Once more.');
  await other.click('#step-done button');
  say(/look again|cannot take|since you looked/.test(await other.innerText('main')), 'two do not answer at once');
  await host.step('link');
  await host.look('the link to contest');
  const link = await host.page.innerText('.keep code');

  await anybody.page.goto(link);
  await anybody.look('what was asked and done');
  const answer = await anybody.page.request.get(link);
  const headers = answer.headers();
  say(headers['cache-control'] === 'no-store' && headers['referrer-policy'] === 'no-referrer'
    && headers['x-robots-tag'].includes('noindex'), 'the page is kept nowhere');
  await anybody.page.fill('#words', 'I quoted the speech to warn of it.');
  await anybody.page.fill('#name', 'Who');
  await anybody.page.click('.do button');
  say(/both your name/.test(await anybody.page.innerText('main')), 'half a contact is not taken');
  await anybody.page.fill('#email', 'who@example.org');
  await anybody.page.click('.do button');
  await anybody.page.waitForSelector('#answer');
  await anybody.look('that it is under review');
  await host.open(id);
  say(await host.page.locator('#step-reverse').count() === 0, 'who decided is offered no review');
  await reviewer.open(id);
  await reviewer.look('the contest to review');
  await reviewer.step('reverse', 'It is a quotation that warns.');
  await anybody.page.goto(link);
  say(/You were right/.test(await anybody.page.innerText('main')), 'whoever it affects is told at the same address');
  await host.open(id);
  await host.step('restore', 'The comment is back.');
  await anybody.page.goto(link);
  await anybody.look('that it was undone');
  say((await anybody.page.innerText('main')).includes('The comment is back.'), 'and what was undone');

  await sender.open(id);
  await sender.look('how it ended');
  await third.open(id);
  await third.look('the facts');
  const facts = await third.page.content();
  for (const secret of ['quotation', 'page-seven', 'ana@borealis', 'who@example.org']) {
    say(!facts.includes(secret), `a third party does not read ${secret}`);
  }
  await anybody.page.goto(`${node.url}/requests`);
  await anybody.look('the list of requests');

  const shown = JSON.parse(entente('request', 'show', id, '--server', node.url, '--json'));
  const entries = [shown.position, ...shown.steps.map((step) => step.position)];
  say(entries.length === 9, 'every step is an entry', String(entries));
  const key = await (await fetch(`${node.url}/log/key`)).text();
  for (const entry of entries) {
    const receipt = path.join(folder, `${entry}.tlog-proof`);
    fs.writeFileSync(receipt, await (await fetch(`${node.url}/log/receipt/${entry}`)).text());
    const verdict = entente('verify', receipt, '--key', key.trim());
    say(/: holds/.test(verdict), `the receipt of entry ${entry} holds`);
  }
}

const node = await demo();
try {
  const browser = await chromium.launch({
    executablePath: asked.chromium,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  await story(browser, node);
  await browser.close();
} finally {
  node.child.kill('SIGTERM');
  fs.rmSync(folder, { recursive: true });
}
console.log(wrong ? `${wrong} things are wrong` : 'the story is told');
process.exitCode = wrong ? 1 : 0;
