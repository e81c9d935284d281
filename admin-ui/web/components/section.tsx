// A part of an object's page that can be folded away, as on RabbitMQ's page; what it shows is made only while it is open.

import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

export interface SectionProps {
  readonly title: string
  /** Behind the title: how many there are. */
  readonly count?: number | undefined
  readonly open?: boolean
  readonly children: ComponentChildren
}

export function Section({ title, count, open: atFirst = true, children }: SectionProps) {
  const [open, setOpen] = useState(atFirst)
  return (
    <details
      class="panel section"
      open={open}
      onToggle={(event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}
    >
      <summary>
        <h2>
          {title}
          {count !== undefined && <span class="soft"> ({count})</span>}
        </h2>
      </summary>
      {open && <div class="stack">{children}</div>}
    </details>
  )
}
