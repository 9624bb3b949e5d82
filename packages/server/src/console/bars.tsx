interface BarsProps {
  readonly label: string
  /** From the earliest to the latest; each with what it is called. */
  readonly values: readonly { readonly name: string; readonly count: number }[]
}

const HEIGHT = 120
const STEP = 24
const GAP = 4

/** Bars for the eye; who does not see them has the numbers in the titles, and in the table beside. */
export function Bars({ label, values }: BarsProps) {
  const most = Math.max(1, ...values.map(({ count }) => count))
  const width = values.length * STEP
  return (
    <svg class="bars" viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {values.map(({ name, count }, i) => {
        const height = Math.round((count / most) * (HEIGHT - GAP))
        return (
          <rect x={i * STEP + GAP / 2} y={HEIGHT - height} width={STEP - GAP} height={Math.max(height, 1)} rx="3">
            <title>{`${name}: ${count}`}</title>
          </rect>
        )
      })}
    </svg>
  )
}
