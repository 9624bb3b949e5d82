import type { Child } from 'hono/jsx'
import { useFrame } from './frame.tsx'

interface LinkProps {
  /** Of a page of ours, without the base path. */
  readonly href: string
  readonly class?: string
  readonly 'aria-current'?: 'page' | undefined
  readonly children: Child
}

/** A link to a page of ours, below the base path. */
export function Link({ href, children, class: className, ...rest }: LinkProps) {
  const { base } = useFrame()
  return (
    <a class={className} href={base + href} {...rest}>
      {children}
    </a>
  )
}

interface FormProps {
  readonly method: 'get' | 'post'
  /** Of a page of ours, without the base path. */
  readonly action: string
  readonly class?: string
  readonly id?: string
  readonly children: Child
}

/** A form that a page of ours answers, below the base path. */
export function Form({ method, action, children, ...rest }: FormProps) {
  const { base } = useFrame()
  return (
    <form method={method} action={base + action} {...rest}>
      {children}
    </form>
  )
}
