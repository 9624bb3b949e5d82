import { LONGEST_PASSWORD } from '../accounts/passwords.ts'
import { useTexts } from './frame.tsx'
import { markOf, type NoticeText } from './layout.tsx'

interface PasswordFieldProps {
  readonly label: string
  readonly name: string
  readonly autocomplete: 'new-password' | 'current-password'
  readonly notice: NoticeText | null
  /** The least length, where it is announced. */
  readonly least?: number
  readonly autofocus?: boolean
}

/** A password, with what it has to be where it is a new one. */
export function PasswordField({ label, name, autocomplete, notice, least, autofocus = false }: PasswordFieldProps) {
  const { account } = useTexts()
  const hint = `${name}-hint`
  const described = least === undefined ? {} : { 'aria-describedby': hint }
  return (
    <>
      <label>
        {label}
        <input
          name={name}
          type="password"
          autocomplete={autocomplete}
          required
          autofocus={autofocus}
          {...described}
          {...markOf(notice, autocomplete)}
        />
      </label>
      {least === undefined ? null : (
        <p class="hint" id={hint}>
          {account.passwordHint(least, LONGEST_PASSWORD)}
        </p>
      )}
    </>
  )
}

/** The one-time value by which a form that is sent twice is done once. */
export function OnceField({ once }: { readonly once: string }) {
  return <input type="hidden" name="once" value={once} />
}

/** For password managers: whose password it is. People read it on the page. */
export function OwnerField({ name }: { readonly name: string }) {
  return <input type="text" name="username" value={name} autocomplete="username" readonly hidden />
}
