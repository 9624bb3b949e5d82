import type { Context } from 'hono'
import type { Language } from '../accounts/preferences.ts'
import type { Environment } from '../environment.ts'
import { useFrame, useTexts } from '../pages/frame.tsx'
import { renderPage } from '../pages/render.tsx'
import type { ConsolePolicyTexts } from '../texts/console-policy-shapes.ts'
import { Console, Table } from './frame.tsx'
import { administrator } from './guard.ts'
import { type Demand, type PolicyRow, policyRows, type Value, verdictOf } from './policy-rows.ts'

/** The policy in effect beside the figures of NIST and OWASP. */
export async function showPolicy(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  return await renderPage(c, <PolicyPage rows={policyRows(c.get('services').config)} />)
}

const MARKS = { within: '=', stricter: '▲', weaker: '▼' } as const

function PolicyPage({ rows }: { readonly rows: readonly PolicyRow[] }) {
  const { consolePolicy: texts } = useTexts()
  const { language } = useFrame()
  return (
    <Console title={texts.title}>
      <p class="lead">{texts.lead}</p>
      <Table
        caption={texts.caption}
        isOnly
        head={[texts.part, texts.inEffect, texts.asked, texts.source, texts.verdict]}
        rows={rows.flatMap(({ setting, variable, value, demands }) =>
          demands.map(({ source, demand }, place) => {
            const verdict = verdictOf(value, demand)
            return [
              place > 0 ? (
                <span class="hint">{texts.settings[setting]}</span>
              ) : (
                <>
                  {texts.settings[setting]}
                  {variable === null ? null : <code>{variable}</code>}
                </>
              ),
              valueText(value, texts, language),
              demandText(value, demand, texts, language),
              source,
              <span class={`verdict ${verdict}`}>
                <span aria-hidden="true">{MARKS[verdict]}</span> {texts.verdicts[verdict]}
              </span>,
            ]
          }),
        )}
      />
    </Console>
  )
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** In the largest unit in which it is a whole number; a day is 24 hours, as the standards say it. */
function durationText(milliseconds: number, language: Language): string {
  const fits = ([unit, size]: (typeof UNITS)[number]) =>
    milliseconds % size === 0 && (unit !== 'day' || milliseconds > size)
  const [unit, size] = UNITS.find(fits) ?? UNITS[3]
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(milliseconds / size)
}

function valueText(value: Value, texts: ConsolePolicyTexts, language: Language): string {
  const number = new Intl.NumberFormat(language)
  switch (value.kind) {
    case 'time':
      return value.value === null ? texts.never : durationText(value.value, language)
    case 'count':
      return number.format(value.value)
    case 'rate':
      return texts.rate(number.format(value.value), durationText(value.window, language))
    case 'words':
      return texts.words[value.words]
  }
}

function demandText(value: Value, demand: Demand, texts: ConsolePolicyTexts, language: Language): string {
  const size = (one: number) =>
    value.kind === 'time' ? durationText(one, language) : new Intl.NumberFormat(language).format(one)
  switch (demand.kind) {
    case 'between':
      return texts.between(size(demand.least), size(demand.most))
    case 'asked':
      return texts.isAsked
    case 'notAsked':
      return texts.notAsked
    default:
      return texts[demand.kind](size(demand.value))
  }
}
