import type { Config } from '../config.ts'
import { useTexts } from '../pages/frame.tsx'
import { rolesWith } from '../roles.ts'

interface RoleChoiceProps {
  readonly roles: Config['roles']
  readonly chosen: string
}

/** A form's field `role`, with every role that there is. */
export function RoleChoice({ roles, chosen }: RoleChoiceProps) {
  const { administration: texts } = useTexts()
  return (
    <label>
      {texts.role}
      <select name="role">
        {[...rolesWith(roles).keys()].map((one) => (
          <option value={one} selected={one === chosen}>
            {one}
          </option>
        ))}
      </select>
    </label>
  )
}
