import type { Kept } from '../audit/kept.ts'
import { Time } from './time.tsx'

interface EntryProps {
  readonly kept: Kept
  readonly sentence: string
  /** Said of who did it, where that was somebody else. */
  readonly by: string | null
}

/** Something that happened, in a list of such. */
export function Entry({ kept, sentence, by }: EntryProps) {
  return (
    <li class="card entry">
      <span>
        {sentence}
        {by === null ? null : <span class="hint"> ({by})</span>}
      </span>
      <span class="hint">
        <Time at={kept.at} />
      </span>
    </li>
  )
}
