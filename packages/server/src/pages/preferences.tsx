import { LANGUAGES, type Preferences, THEMES } from '../accounts/preferences.ts'
import { useTexts } from './frame.tsx'
import { Layout, Notice, type NoticeText } from './layout.tsx'
import { Form } from './links.tsx'

interface PreferencesProps extends Preferences {
  readonly alerts: boolean
  readonly notice: NoticeText | null
}

export function PreferencesPage({ theme, language, alerts, notice }: PreferencesProps) {
  const { preferences } = useTexts()
  return (
    <Layout title={preferences.title}>
      <h1>{preferences.title}</h1>
      <Notice notice={notice} />
      <p class="lead">{preferences.lead}</p>
      <Form method="post" action="/account/preferences" class="card stack">
        <Choice name="theme" label={preferences.theme} chosen={theme} options={THEMES} texts={preferences.themes} />
        <Choice
          name="language"
          label={preferences.language}
          chosen={language}
          options={LANGUAGES}
          texts={preferences.languages}
        />
        <label class="check">
          <input type="checkbox" name="alerts" value="yes" checked={alerts} /> {preferences.alerts}
        </label>
        <button type="submit">{preferences.save}</button>
      </Form>
    </Layout>
  )
}

interface ChoiceProps<Option extends string> {
  readonly name: string
  readonly label: string
  /** Null: as the browser prefers. */
  readonly chosen: Option | null
  readonly options: readonly Option[]
  readonly texts: Readonly<Record<Option, string>>
}

function Choice<Option extends string>({ name, label, chosen, options, texts }: ChoiceProps<Option>) {
  const { preferences } = useTexts()
  return (
    <label>
      {label}
      <select name={name}>
        <option value="" selected={chosen === null}>
          {preferences.asBrowser}
        </option>
        {options.map((option) => (
          <option value={option} selected={chosen === option}>
            {texts[option]}
          </option>
        ))}
      </select>
    </label>
  )
}
