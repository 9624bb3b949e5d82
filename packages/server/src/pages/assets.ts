/** Charts: after Okabe and Ito, whose colours people with each kind of colour-blindness tell apart, each with enough contrast. */
const DARK = `color-scheme: dark;
  --ink: #f0eff7; --soft: #b0adc2; --paper: #15131f; --card: #201d2d; --line: #3b374c; --accent: #a898ff; --on-accent: #17122e;
  --good: #8fe0b4; --good-paper: #14301f; --bad: #ffa9b4; --bad-paper: #3a161d; --danger: #b8324a;
  --chart-0: #56b4e9; --chart-1: #e69f00; --chart-2: #2fc79b; --chart-3: #e39ac6; --chart-4: #f0e442; --chart-5: #b5b5c2;`

/** The pages' one style sheet: system fonts, light and dark, from a phone's width up. */
export const STYLE = `
:root {
  --ink: #1c1a2b; --soft: #5d5a70; --paper: #f6f5fa; --card: #fff; --line: #dcd9e6; --accent: #5136c9; --on-accent: #fff;
  --good: #14653f; --good-paper: #e2f5ea; --bad: #a01830; --bad-paper: #fdeaec; --danger: #a01830; --control: 2.9rem;
  --chart-0: #0072b2; --chart-1: #d55e00; --chart-2: #00805d; --chart-3: #a8447f; --chart-4: #8a6d00; --chart-5: #55555f;
}
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { ${DARK} } }
:root[data-theme=dark] { ${DARK} }
:root[data-theme=light] { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .5rem 1rem; }
.top { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; align-items: center; justify-content: space-between;
  padding: .9rem clamp(1rem, 4vw, 2.5rem); background: var(--card); border-bottom: 1px solid var(--line); }
.brand { display: inline-flex; gap: .6rem; align-items: center; font-weight: 700; font-size: 1.1rem; color: var(--ink); text-decoration: none; }
.brand svg { color: var(--accent); }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; }
main { margin: 0 auto; padding: clamp(1.5rem, 5vw, 3.5rem) 1rem; }
.narrow { max-width: 27rem; }
.wide { max-width: 46rem; }
.broad { max-width: 72rem; }
.tabs { margin: 0 0 1.5rem; border-bottom: 1px solid var(--line); padding-bottom: .5rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: 1rem; margin: 0 0 1.25rem; }
.figure { margin: 0; display: grid; } .figure strong { font-size: 1.7rem; line-height: 1.2; }
.periods { margin: 0 0 1.25rem; } nav [aria-current] { color: var(--ink); font-weight: 700; text-decoration: none; }
/* Five of them: rows of three and two where it is broad, of two and one large where it is not. One whose numbers are open has a row of its own. */
.charts { display: grid; grid-template-columns: repeat(6, 1fr); gap: 1.25rem; }
.charts > .chart { grid-column: span 2; } .charts > .chart:nth-child(n+4) { grid-column: span 3; }
@media (max-width: 68rem) { .charts > .chart, .charts > .chart:nth-child(n+4) { grid-column: span 3; } .charts > .chart:last-child { grid-column: 1 / -1; } }
@media (max-width: 46rem) { .charts > .chart, .charts > .chart:nth-child(n+4) { grid-column: 1 / -1; } }
.charts:has(details[open]) { grid-auto-flow: dense; } .charts:has(details[open]) > .chart:nth-child(n) { grid-column: span 3; }
.charts > .chart:nth-child(n):has(details[open]) { grid-column: 1 / -1; }
@media (max-width: 46rem) { .charts:has(details[open]) > .chart:nth-child(n) { grid-column: 1 / -1; } }
.charts > section.card.chart { margin: 0; min-width: 0; padding: 1rem; } .chart > svg { display: block; width: 100%; max-width: 34rem; height: auto; } .chart .lead { margin: 0; }
.axes text { fill: var(--soft); font-size: 12px; } .axes line { stroke: var(--line); }
.layer { stroke: var(--ink); stroke-width: .5; } .over-fill { fill: none; stroke: var(--card); stroke-width: 1.6; stroke-linecap: round; }
.line { fill: none; stroke-width: 2.25; } .line circle { stroke: none; }
.legend { list-style: none; margin: .6rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; font-size: .9rem; }
.chart summary { font-size: .9rem; }
.swatch { vertical-align: middle; margin-right: .35rem; }
.chart details .scroll { margin: .75rem 0 0; max-height: 20rem; overflow-y: auto; }
${[0, 1, 2, 3, 4, 5].map((i) => `.fill-${i} { fill: var(--chart-${i}); } .line-${i} { stroke: var(--chart-${i}); } .line-${i} circle { fill: var(--chart-${i}); }`).join('\n')}
.line-1 path { stroke-dasharray: 7 4; } .line-2 path { stroke-dasharray: 2 3; }
.scroll { overflow-x: auto; margin: 1.25rem 0; background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 0 1rem; }
/* A shadow at the side where more of a table is. */
.scroll { background: linear-gradient(to right, var(--card) 1rem, transparent 2rem) local, linear-gradient(to left, var(--card) 1rem, transparent 2rem) local,
  linear-gradient(to right, var(--soft), transparent .7rem), linear-gradient(to left, var(--soft), transparent .7rem), var(--card); }
.unseen, .only caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
time { white-space: nowrap; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
caption { text-align: left; font-weight: 700; padding: .9rem 0 .3rem; }
th { text-align: left; color: var(--soft); font-weight: 600; } th, td { padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; } td code { display: block; min-width: 14rem; font-size: .82rem; overflow-wrap: anywhere; }
.severity-warning, .severity-error { font-weight: 700; color: var(--bad); }
.verdict { font-weight: 600; white-space: nowrap; } .verdict.weaker { color: var(--bad); } .verdict.stricter { color: var(--good); }
code.command { display: block; user-select: all; margin: .4rem 0 1rem; padding: .5rem .75rem; background: var(--paper); border: 1px solid var(--line); border-radius: 9px; overflow-wrap: anywhere; }
td code.inline { min-width: 0; font-size: .93rem; } td code.kind { min-width: 0; font-weight: 400; } td code { color: var(--soft); } .steps { margin: 0; padding-left: 1.25rem; }
.whole { white-space: nowrap; }
.acts { display: flex; flex-wrap: wrap; gap: .75rem 1.25rem; align-items: end; }
.search label { flex: 1 1 16rem; } .search .hint { flex-basis: 100%; }

.finding { display: grid; grid-template-columns: repeat(auto-fit, minmax(11.5rem, 1fr)); gap: 1rem 1.25rem; align-items: start; }
.finding button { justify-self: start; align-self: start; margin-top: 1.9rem; } label .hint { font-weight: 400; }
.apart { margin-top: 1.5rem; } summary { cursor: pointer; font-weight: 600; color: var(--accent); } details .stack { margin-top: 1rem; }
h1, h2, p, dd { overflow-wrap: anywhere; }
h1 { font-size: clamp(1.6rem, 5vw, 2.1rem); line-height: 1.2; margin: 0 0 1.25rem; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
.lead { color: var(--soft); margin: 0 0 1.5rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: clamp(1rem, 4vw, 1.6rem); }
section.card + section.card { margin-top: 1.25rem; }
.stack { display: grid; gap: 1.1rem; }
label { display: grid; gap: .35rem; font-weight: 600; }
input, select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 9px; padding: .5rem .8rem; width: 100%; min-height: var(--control); line-height: 1.4; }
input[type=checkbox] { min-height: 0; }
input[aria-invalid] { border-color: var(--bad); }
.check { display: flex; gap: .6rem; align-items: start; font-weight: 400; } .check input { width: auto; margin-top: .35rem; }
button, .button { font: inherit; font-weight: 600; line-height: 1.4; display: inline-flex; align-items: center; justify-content: center;
  min-height: var(--control); text-decoration: none; text-align: center; cursor: pointer;
  color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: 9px; padding: .5rem 1.2rem; }
button[hidden] { display: none; }
button:hover, .button:hover { filter: brightness(1.08); }
.quiet { background: transparent; color: var(--accent); border-color: var(--line); }
nav .quiet, td .quiet, .device .quiet { min-height: 0; padding: .4rem .9rem; }
.danger { background: var(--danger); border-color: var(--danger); color: #fff; }
.hint { color: var(--soft); font-size: .9rem; margin: 0; }
.stack .hint { margin-top: -.7rem; }
.aside { color: var(--soft); text-align: center; margin: 1.25rem 0 0; }
.row { display: flex; align-items: center; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0 0; }
form.row { align-items: end; } .lead.apart { margin-top: 1.5rem; } .acts .row { margin: 0; } td input { width: auto; } label input, select { font-weight: 400; }
.notice { border-radius: 10px; padding: .75rem 1rem; margin: 0 0 1.25rem; background: var(--card); border: 1px solid var(--line); }
.notice.good { background: var(--good-paper); color: var(--good); border-color: currentColor; }
.notice[hidden] { display: none; }
.over { position: sticky; top: .5rem; z-index: 1; width: calc(100% - 2rem); max-width: 46rem; margin: 1rem auto; }
.notice.bad { background: var(--bad-paper); color: var(--bad); border-color: currentColor; }
dl { margin: 0; display: grid; gap: .1rem; }
dl div { display: flex; flex-wrap: wrap; gap: .1rem 1rem; justify-content: space-between; padding: .45rem 0; border-bottom: 1px solid var(--line); }
dl div:last-child { border-bottom: 0; }
dt { color: var(--soft); }
dd { margin: 0; font-weight: 600; }
.devices { list-style: none; margin: 0; padding: 0; display: grid; gap: .9rem; }
.device { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; align-items: center; justify-content: space-between; }
ol.devices { gap: .5rem; }
.entry { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; justify-content: space-between; padding: .7rem 1rem; }
.device h2 { margin: 0 0 .2rem; }
.badge { font-size: .78rem; font-weight: 600; color: var(--good); background: var(--good-paper); border-radius: 99px; padding: .15rem .6rem; margin-left: .6rem; white-space: nowrap; }
@media (max-width: 68rem) { .finding button { margin-top: 0; grid-column: 1 / -1; } }
@media (max-width: 40rem) {
  .top { position: relative; padding-right: 1rem; padding-left: 1rem; }
  .top nav { gap: .5rem .8rem; font-size: .9rem; } .top nav form { position: absolute; top: .75rem; right: 1rem; }
  .tabs { gap: .4rem 1rem; }
  .scroll:not(.chart .scroll) { background: var(--card); }
  :is(table, tbody, tr, td, caption):not(.chart *) { display: block; }
  thead:not(.chart *) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr:not(.chart *) { display: flex; flex-wrap: wrap; gap: .15rem 0; padding: .6rem 0; border-bottom: 1px solid var(--line); } tr:last-child:not(.chart *) { border-bottom: 0; }
  td:not(.chart *) { border: 0; padding: .15rem 0; overflow-wrap: anywhere; }
  td:not(.chart *, :has(> div:empty)) { margin-right: 1.1rem; } td[data-label]:not(.chart *) > div, td code.kind { display: inline; }
  td[data-label]:not(.chart *)::before { content: attr(data-label); content: attr(data-label) / ''; color: var(--soft); font-size: .85em; margin-right: .4rem; }
  td code { min-width: 0; } .whole { white-space: normal; }
}
`

/** Tells an open page that its session is over. It asks for nothing else, and the pages work without it. */
export const SCRIPT = `
const notice = document.getElementById('over')
// Beside the script, wherever that is: the server may be below a path.
const stream = new URL('../account/events', import.meta.url)
let source = null
let later = 0
function tell({ data }) {
  source.close()
  notice.firstElementChild.textContent = JSON.parse(data).text
  notice.hidden = false
}
// Browsers allow few connections to one server, so only the page that is looked at keeps one.
function follow() {
  source?.close()
  clearTimeout(later)
  if (document.visibilityState !== 'visible' || !notice.hidden) return
  source = new EventSource(stream)
  source.addEventListener('over', tell)
  source.addEventListener('error', refused)
}
// After any answer but a stream a browser asks no more. Where it was refused for now, it may go on later.
async function refused() {
  if (this !== source || this.readyState !== EventSource.CLOSED) return
  const { status, headers } = await fetch(stream, { method: 'HEAD' }).catch(() => new Response(null, { status: 503 }))
  if (status !== 204) later = setTimeout(follow, (Number(headers.get('retry-after')) || 60) * 1000)
}
document.addEventListener('visibilitychange', follow)
addEventListener('pageshow', follow)
addEventListener('pagehide', () => {
  source?.close()
  clearTimeout(later)
})
`

/**
 * Keeps a double click from sending a form twice, also to another process of the server. It looks at the last second alone, so
 * that whoever has stopped a page can send its form again. And it copies what a button is there for.
 */
export const PAGE_SCRIPT = `
let last = null
addEventListener('submit', (event) => {
  const { target, timeStamp } = event
  if (last?.target === target && timeStamp - last.timeStamp < 1000) event.preventDefault()
  else last = { target, timeStamp }
})
// Where a page may write to the clipboard; elsewhere people copy by hand.
for (const button of navigator.clipboard === undefined ? [] : document.querySelectorAll('[data-copies]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent)
    button.textContent = button.dataset.done
  })
}
`

/** The hanger as the tab's icon. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#7a62f0" stroke-width="2"><path stroke-linecap="round" stroke-linejoin="round" d="M9.5 6.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.7v.6L2.8 16.6c-1.2.8-.7 2.4.7 2.4h17c1.4 0 1.9-1.6.7-2.4L12 11"/></svg>`
