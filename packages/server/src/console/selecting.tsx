import { useTexts } from '../pages/frame.tsx'

/** The id of the form that the boxes in a table belong to: its rows may have forms of their own. */
export const SELECTION = 'selection'

/** A box that selects a session; `what` says to screen readers which one. */
export function Selecting({ id, what }: { readonly id: string; readonly what: string }) {
  const { administration } = useTexts()
  const label = `${administration.select} ${what}`
  return <input type="checkbox" name="session" value={id} form={SELECTION} aria-label={label} />
}
