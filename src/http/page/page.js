// Draws what /history and /stats say. All text goes in as text, never as HTML.

const keptMs = 600_000;
const staleMs = 5_000;
const everyMs = 1_000;

const find = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
const number = (value) => (value === undefined ? 'not known' : whole.format(value));

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Puts these children into an element, unless it shows the same already. */
const shown = new Map();
function show(id, key, children) {
  const text = JSON.stringify(key);
  if (shown.get(id) === text) return;
  shown.set(id, text);
  find(id).replaceChildren(...children());
}

function showText(id, text) {
  if (find(id).textContent !== text) find(id).textContent = text;
}

/** Columns are [heading, value of a row, class]. */
function table(id, caption, columns, rows, none) {
  const cells = rows.map((row) => columns.map(([, value]) => String(value(row))));
  show(id, [caption, cells], () => {
    if (rows.length === 0) return [element('caption', {}, none)];
    const heads = columns.map(([heading, , kind]) =>
      element('th', { scope: 'col', class: kind ?? '' }, heading),
    );
    const body = cells.map((row) =>
      element(
        'tr',
        {},
        ...row.map((text, i) => element('td', { class: columns[i][2] ?? '' }, text)),
      ),
    );
    return [
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...heads)),
      element('tbody', {}, ...body),
    ];
  });
}

function list(id, pairs) {
  show(id, pairs, () =>
    pairs.map(([term, value]) =>
      element('div', {}, element('dt', {}, term), element('dd', {}, String(value))),
    ),
  );
}

let samples = [];
let startedAtMs;

function note(stats) {
  if (startedAtMs !== stats.startedAtMs) samples = [];
  startedAtMs = stats.startedAtMs;
  const { atMs, account, sent, lagRecords } = stats;
  const { consumed, exported, inFlight } = account;
  samples.push({ atMs, consumed, exported, inFlight, sentOctets: sent.octets ?? 0, lagRecords });
  samples = samples.filter((sample) => sample.atMs >= atMs - keptMs);
}

/** What a total rose by in a second: the mean of the last five, so that it can be read. */
const ratesOf = (key) =>
  samples.slice(1).map((sample, i) => {
    const before = samples[Math.max(0, i - 4)];
    const seconds = (sample.atMs - before.atMs) / 1000;
    const rose = Math.max(0, sample[key] - before[key]);
    return [sample.atMs, seconds > 0 ? rose / seconds : 0];
  });

/** `3.6 Mbit/s` */
const withUnit = (value, unit) => short.format(value).replace(/\D?$/, ` $&${unit}`);

const last = (points) => points.at(-1)?.[1] ?? 0;

const minuteMs = 60_000;

/** How far back the charts go: as far as there is something to show, in whole minutes. */
const minutesShown = () =>
  Math.max(1, Math.ceil(((samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0)) / minuteMs));

function pathOf(points, highest, nowMs) {
  const shownMs = minutesShown() * minuteMs;
  const at = ([atMs, value]) => {
    const x = 600 - ((nowMs - atMs) / shownMs) * 600;
    return `${x.toFixed(1)} ${(119 - (value / highest) * 112).toFixed(1)}`;
  };
  return points.length === 0 ? '' : `M${points.map(at).join('L')}`;
}

const svgNamespace = 'http://www.w3.org/2000/svg';
function line(d, kind) {
  const path = document.createElementNS(svgNamespace, 'path');
  path.setAttribute('d', d);
  path.setAttribute('class', kind);
  return path;
}

function chart(id, label, first, second = []) {
  const highest = Math.max(1, ...first.map(([, y]) => y), ...second.map(([, y]) => y));
  const nowMs = samples.at(-1)?.atMs ?? 0;
  const d = pathOf(first, highest, nowMs);
  const area = first.length === 0 ? '' : `${d}V119H${d.slice(1).split(' ')[0]}Z`;
  const lines = [line(area, 'area'), line(pathOf(second, highest, nowMs), 'two'), line(d, 'one')];
  find(id).replaceChildren(...lines);
  find(id).setAttribute(
    'aria-label',
    `${label}, the last ${minutesShown()} min: ${number(last(first))} now, ${number(highest)} at most`,
  );
  showText(`${id}-top`, short.format(highest));
  showText(`${id}-begin`, `${minutesShown()} min ago`);
}

function drawCharts() {
  const exported = ratesOf('exported');
  chart('rate', 'Events exported per second', exported, ratesOf('consumed'));
  chart(
    'lag',
    'Lag in records',
    samples.map(({ atMs, lagRecords }) => [atMs, lagRecords]),
  );
  showText('rate-now', number(last(exported)));
  showText('lag-now', number(samples.at(-1)?.lagRecords));
}

function duration(ms) {
  const s = Math.floor(ms / 1000);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

function drawState({ ready, reasons }) {
  setState(ready ? 'ready' : 'not', ready ? 'Ready: events are exported' : 'Not ready');
  // Workers that have the same trouble say so once.
  const texts = [...new Set(reasons.map(({ text }) => text))];
  show('reasons', texts, () => texts.map((text) => element('li', {}, text)));
}

function setState(state, text) {
  find('state').dataset.state = state;
  showText('state', text);
  document.body.classList.toggle('stale', state === 'stale');
}

function draw(stats) {
  const { kafka, input, account, sent } = stats;
  showText('version', stats.version);
  const from = kafka
    ? `${kafka.topics.join(', ')} as ${kafka.group}, from ${kafka.brokers.join(', ')}`
    : input;
  showText('source', `${from} to ${stats.collector}`);
  drawState(stats);
  drawCharts();
  const lagSeconds = Math.max(0, ...stats.partitions.map((p) => p.lagSeconds ?? 0));
  list('tiles', [
    ['Sent', `${withUnit(last(ratesOf('sentOctets')) * 8, 'bit/s')}`],
    ['Messages', number(sent.messages)],
    ['Sent again', number(sent.resentMessages)],
    ['Lag in time', `${lagSeconds.toFixed(1)} s`],
    ['In flight', number(account.inFlight)],
    ['Running for', duration(stats.atMs - stats.startedAtMs)],
  ]);
  list('account', [
    ['consumed', number(account.consumed)],
    ['exported', number(account.exported)],
    ['dead-lettered', number(account.deadLettered)],
    ['discarded', number(account.discarded)],
    ['returned', number(account.returned)],
    ['in flight', number(account.inFlight)],
  ]);
  const discards = Object.entries(account.discardedByReason).map(
    ([why, n]) => `${why}: ${number(n)}`,
  );
  showText('reasons-discarded', discards.length === 0 ? '' : `Discarded: ${discards.join(', ')}`);
  drawTables(stats);
}

function drawTables({ collectors, workers, partitions, templates, troubles, sendErrors, kafka }) {
  const errors = Object.entries(sendErrors).map(([code, n]) => `${number(n)} × ${code}`);
  const said = errors.length === 0 ? 'No errors so far' : `Errors so far: ${errors.join(', ')}`;
  const state = ({ state, code }) => (code === undefined ? state : `${state} (${code})`);
  table(
    'collectors',
    said,
    [
      ['Worker', (c) => c.worker],
      ['Address', (c) => c.address],
      ['State', state],
    ],
    collectors,
    'Not known yet',
  );
  table(
    'workers',
    'One row for each Worker, a member of the group',
    [
      ['Worker', (w) => w.worker],
      ['Observation Domain', (w) => w.observationDomainId ?? ''],
      ['State', (w) => w.state],
      ['In the group', (w) => (w.joined === undefined ? 'reads a file' : w.joined ? 'yes' : 'no')],
      ['Joins', (w) => number(w.joins), 'number'],
      ['Exported', (w) => number(w.account?.exported), 'number'],
      ['Heap in MiB', (w) => number(w.heapOctets / 2 ** 20), 'number'],
    ],
    workers,
    'None yet',
  );
  for (const id of ['partitions-section', 'lag-figure']) find(id).hidden = kafka === undefined;
  table(
    'partitions',
    'Lag: records between the committed offset and the end',
    [
      ['Partition', (p) => `${p.topic}[${p.partition}]`],
      ['Worker', (p) => p.worker],
      ['Committed', (p) => number(p.committed), 'number'],
      ['End', (p) => number(p.end), 'number'],
      ['Lag', (p) => number(p.lagRecords), 'number'],
      [
        'Lag in s',
        (p) => (p.lagSeconds === undefined ? 'not known' : p.lagSeconds.toFixed(1)),
        'number',
      ],
    ],
    partitions,
    'No partition is assigned',
  );
  table(
    'templates',
    'Sent to the collector, most used first',
    [
      ['ID', (t) => t.id],
      ['Data Records', (t) => number(t.records), 'number'],
      ['Information Elements', (t) => t.elements.join(', '), 'wide'],
    ],
    templates,
    'None yet',
  );
  table(
    'troubles',
    'Newest first',
    [
      ['Time (UTC)', (t) => new Date(t.atMs).toISOString().slice(0, 19).replace('T', ' '), 'time'],
      ['Level', (t) => t.level],
      ['Code', (t) => t.code],
      ['Worker', (t) => t.worker],
      ['Where', (t) => t.place, 'place'],
      [
        'What',
        (t) => (t.count > 1 ? `${t.message} (${number(t.count)} times)` : t.message),
        'wide',
      ],
    ],
    troubles,
    'None',
  );
}

const ask = async (path) => {
  const response = await fetch(path, { signal: AbortSignal.timeout(4_000) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
};

let heardAtMs = performance.now();
let hasHistory = false;

async function look() {
  try {
    if (!hasHistory) {
      ({ samples } = await ask('/history'));
      hasHistory = true;
    }
    const stats = await ask('/stats');
    startedAtMs ??= stats.startedAtMs;
    note(stats);
    heardAtMs = performance.now();
    draw(stats);
  } catch {
    const silentMs = performance.now() - heardAtMs;
    if (silentMs > staleMs) {
      setState('stale', `No answer for ${duration(silentMs)}: the data below is stale`);
      hasHistory = false;
    }
  }
}

/** A page that nobody sees asks nothing; what it missed the server has kept. */
function onlyWhileSeen() {
  if (document.hidden) hasHistory = false;
  else void look();
}

document.addEventListener('visibilitychange', onlyWhileSeen);
setInterval(() => document.hidden || void look(), everyMs);
void look();
